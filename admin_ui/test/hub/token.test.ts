// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { claimsOf, TokenKeeper, tokenIn } from "../../src/hub/token";

const encode = (value: object): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const token = (seconds: number, user = "ops"): string => `${encode({ alg: "HS256" })}.${encode({ sub: user, exp: Date.now() / 1000 + seconds })}.signature`;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sessionStorage.clear();
  vi.stubGlobal("BroadcastChannel", undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a pasted token", () => {
  it("may have blanks around it, and the word Bearer before it", () => expect(tokenIn("  Bearer a.b-c_d.e= \n")).toBe("a.b-c_d.e="));

  it.each(["", "two words", "<script>", "a\nb"])("is none: %j", (text) => expect(tokenIn(text)).toBeUndefined());
});

describe("claims", () => {
  it("are read with any user", () => expect(claimsOf(token(60, "Ωmega ✓"))).toEqual({ user: "Ωmega ✓", expires: 1_060_000 }));

  it("are unknown of what is no JWT", () => {
    for (const text of ["opaque", "a.b.c", ""]) expect(claimsOf(text)).toEqual({ user: undefined, expires: undefined });
  });
});

describe("the keeper", () => {
  it("gives a token until its end, and nothing when signed out", async () => {
    const keeper = new TokenKeeper();
    expect(await keeper.usable()).toBeUndefined();
    const short = token(2);
    keeper.renew(short);
    expect(await keeper.usable()).toBe(short);
    expect(keeper.wanted).toBe(false);
  });

  it("has all who ask wait for the next one when it has ended", async () => {
    const keeper = new TokenKeeper();
    keeper.renew(token(60));
    vi.advanceTimersByTime(60_000);
    const [first, second] = [keeper.usable(), keeper.usable()];
    expect(keeper.wanted).toBe(true);
    const next = token(600);
    keeper.renew(next);
    expect([await first, await second]).toEqual([next, next]);
    expect(keeper.wanted).toBe(false);
  });

  it("gives the next one to who wants no other, though the token is good", async () => {
    const keeper = new TokenKeeper();
    keeper.renew(token(600));
    const waiting = keeper.next();
    const next = token(1200);
    keeper.renew(next);
    expect(await waiting).toBe(next);
  });

  it("leaves it to the hub where this clock runs ahead", async () => {
    const keeper = new TokenKeeper();
    const late = token(-3600);
    keeper.renew(late);
    expect(await keeper.usable()).toBe(late);
  });

  it("lets nobody wait for ever when signed out", async () => {
    const keeper = new TokenKeeper();
    keeper.renew(token(60));
    const waiting = keeper.next();
    keeper.drop();
    expect(await waiting).toBeUndefined();
    expect(sessionStorage.length).toBe(0);
  });

  it("lasts as long as the tab", () => {
    new TokenKeeper().renew("opaque");
    expect(new TokenKeeper().token).toBe("opaque");
  });

  it("tells who follows it", () => {
    const keeper = new TokenKeeper();
    const changed = vi.fn();
    keeper.addEventListener("change", changed);
    keeper.renew("opaque");
    expect(changed).toHaveBeenCalledTimes(1);
  });
});

describe("another tab's token", () => {
  class Tabs extends EventTarget {
    static readonly all: Tabs[] = [];

    constructor() {
      super();
      Tabs.all.push(this);
    }

    postMessage(data: unknown): void {
      for (const tab of Tabs.all) if (tab !== this) tab.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  const two = () => {
    vi.stubGlobal("BroadcastChannel", Tabs);
    return [new TokenKeeper(), new TokenKeeper()] as const;
  };

  it("serves a tab of the same user that waits for one", async () => {
    const [one, other] = two();
    one.renew(token(60));
    const waiting = one.next();
    const next = token(900);
    other.renew(next);
    expect(await waiting).toBe(next);
  });

  it("is none of the business of who doesn't wait, or is somebody else", () => {
    const [one, other] = two();
    const own = token(60);
    one.renew(own);
    other.renew(token(900));
    expect(one.token).toBe(own);
    void one.next();
    other.renew(token(900, "mallory"));
    expect(one.token).toBe(own);
  });
});
