// @vitest-environment jsdom
import { HubError } from "tocsin-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account } from "../../src/hub/account";

const PERSON = { id: "u1", subject: "u1", email: "ada@example.org", name: "Ada", created_at: "" };

/** A hub that gives tokens for a minute each, and takes each refresh token once. */
class FakeHub {
  readonly asked: string[] = [];
  #count = 0;
  #good = "";
  fails: HubError | undefined;
  hold: Promise<void> | undefined;

  readonly ask = async (path: string, body: object): Promise<unknown> => {
    this.asked.push(path);
    await this.hold;
    if (this.fails) throw this.fails;
    const { refresh_token: shown } = body as { refresh_token?: string };
    if (path === "/auth/logout") return undefined;
    if (path === "/auth/refresh" && shown !== this.#good) throw new HubError("invalid_token", "used", false, undefined, undefined, 401);
    const count = ++this.#count;
    this.#good = `refresh-${count}`;
    return { access_token: `access-${count}`, token_type: "Bearer", expires_in: 60, refresh_token: this.#good, refresh_expires_in: 600, user: { ...PERSON } };
  };
}

/** What a browser tells its other tabs. */
const told = () => dispatchEvent(new StorageEvent("storage", { key: "tocsin.account" }));

let hub: FakeHub;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  localStorage.clear();
  hub = new FakeHub();
});

afterEach(() => vi.useRealTimers());

const signedIn = async () => {
  const account = new Account(hub.ask);
  await account.signIn("ada@example.org", "secret");
  return account;
};

describe("an account", () => {
  it("is signed in for all tabs, and after a reload", async () => {
    const account = await signedIn();
    expect([account.user?.name, await account.usable()]).toEqual(["Ada", "access-1"]);
    expect(await new Account(hub.ask).usable()).toBe("access-1");
  });

  it("gets the next tokens by itself, before the present ones end", async () => {
    const account = await signedIn();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(hub.asked).toEqual(["/auth/login"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([hub.asked.at(-1), await account.usable()]).toEqual(["/auth/refresh", "access-2"]);
  });

  it("asks once, however many wait", async () => {
    const account = await signedIn();
    vi.setSystemTime(1_058_000);
    expect(await Promise.all([account.usable(), account.next(), account.usable()].map((one) => withTime(one)))).toEqual(["access-2", "access-2", "access-2"]);
    expect(hub.asked.filter((path) => path === "/auth/refresh")).toHaveLength(1);
  });

  it("gives a live connection a token with a life before it, and no new one without need", async () => {
    const account = await signedIn();
    expect(await account.next()).toBe("access-1");
    vi.setSystemTime(1_031_000);
    expect(await withTime(account.next())).toBe("access-2");
  });

  it("takes over what another tab got, and never shows a refresh token twice", async () => {
    const one = await signedIn();
    const other = new Account(hub.ask);
    vi.setSystemTime(1_059_000);
    expect(await Promise.all([withTime(one.usable()), withTime(other.usable())])).toEqual(["access-2", "access-2"]);
    expect(hub.asked.filter((path) => path === "/auth/refresh")).toHaveLength(1);
  });

  it("stays signed in while the hub is away, and is signed out when it is refused", async () => {
    const account = await signedIn();
    vi.setSystemTime(1_059_000);
    hub.fails = new HubError("disconnected", "away", true);
    await expect(withTime(account.usable())).rejects.toThrow("away");
    expect(account.user?.name).toBe("Ada");
    hub.fails = new HubError("invalid_token", "reused", false, undefined, undefined, 401);
    const changed = vi.fn();
    account.addEventListener("change", changed);
    expect(await withTime(account.usable())).toBeUndefined();
    expect([account.user, changed.mock.calls.length, localStorage.getItem("tocsin.account")]).toEqual([undefined, 1, null]);
    expect(account.ended?.email).toBe("ada@example.org"); // so that the page can say why it asks again
  });

  it("signs out in all tabs, also when the hub is away", async () => {
    const [one, other] = [await signedIn(), new Account(hub.ask)];
    hub.fails = new HubError("disconnected", "away", true);
    one.signOut();
    told();
    expect([one.user, other.user, await other.usable(), one.ended]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("tells of another user, and not of another token", async () => {
    const account = await signedIn();
    const changed = vi.fn();
    account.addEventListener("change", changed);
    const before = account.user;
    vi.setSystemTime(1_050_000);
    await withTime(account.next());
    expect([account.user === before, changed.mock.calls.length]).toEqual([true, 0]);
  });

  it("isn't signed in by what is no sign-in", () => {
    for (const text of ["", "{", "null", '{"access":1}']) {
      localStorage.setItem("tocsin.account", text);
      expect(new Account(hub.ask).user).toBeUndefined();
    }
  });
});

/** A promise that needs time to pass: tabs give each other a moment. */
async function withTime<Value>(promise: Promise<Value>): Promise<Value> {
  const settled = promise.then((value) => ({ value }), (error: unknown) => ({ error }));
  await vi.advanceTimersByTimeAsync(1_000);
  const result = await settled;
  if ("error" in result) throw result.error;
  return result.value;
}
