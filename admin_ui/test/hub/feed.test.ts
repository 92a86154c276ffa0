import type { Hub, Publication } from "tocsin-client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Feed, Feeds } from "../../src/hub/feed";

/** A hub's subscription without a hub: says what was asked, and emits what the test wants. */
class Subscription extends EventTarget {
  state = "subscribed";
  position: unknown;
  closed = false;

  constructor(
    readonly channel: string,
    readonly options: { since?: unknown },
  ) {
    super();
  }

  emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  close(): void {
    this.closed = true;
  }
}

let frames: (() => void)[];
let made: Subscription[];

const hub = {
  subscribe(channel: string, options: object) {
    const subscription = new Subscription(channel, options);
    made.push(subscription);
    return subscription;
  },
} as unknown as Hub; // the part of a hub that a feed uses

const draw = () => frames.splice(0).forEach((frame) => frame());
const publication = (offset: number): Publication => ({ type: "note", channel: "c", data: offset, timestamp: "", offset, epoch: "e" });

beforeEach(() => {
  frames = [];
  made = [];
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
  vi.stubGlobal("cancelAnimationFrame", () => (frames.length = 0));
});

describe("a feed", () => {
  it("shows all that came between two frames at once", () => {
    const feed = new Feed(hub, "c");
    const changed = vi.fn();
    feed.follow(changed);
    draw();
    changed.mockClear();
    for (let offset = 1; offset <= 300; offset++) made[0]?.emit("publication", publication(offset));
    expect(changed).not.toHaveBeenCalled();
    draw();
    expect(changed).toHaveBeenCalledTimes(1);
    expect(feed.read().publications.map(({ data }) => data)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
  });

  it("keeps the newest and counts all", () => {
    const feed = new Feed(hub, "c", { limit: 10 });
    feed.follow(() => {});
    for (let offset = 1; offset <= 57; offset++) made[0]?.emit("publication", publication(offset));
    draw();
    expect(feed.read().publications.map(({ data }) => data)).toEqual([48, 49, 50, 51, 52, 53, 54, 55, 56, 57]);
    expect(feed.read().received).toBe(57);
  });

  it("shows one state until the next frame, so that a reader never sees half of it", () => {
    const feed = new Feed(hub, "c");
    feed.follow(() => {});
    draw();
    const before = feed.read();
    made[0]?.emit("publication", publication(1));
    expect(feed.read()).toBe(before);
  });

  it("keeps the asked types alone, and draws nothing for the others", () => {
    const feed = new Feed(hub, "c", { limit: 3, types: ["rare"] });
    feed.follow(() => {});
    draw();
    made[0]?.emit("publication", { ...publication(1), type: "rare" });
    draw();
    for (let offset = 2; offset <= 50; offset++) made[0]?.emit("publication", publication(offset));
    expect(frames).toHaveLength(0);
    expect(feed.read()).toMatchObject({ received: 1, publications: [{ data: 1 }] });
  });

  it("begins with history where that is asked for, and goes on behind what it has", () => {
    const feed = new Feed(hub, "c", { history: true });
    const leave = feed.follow(() => {});
    expect(made[0]?.options.since).toEqual({ offset: 0 });
    const first = made[0];
    if (first) first.position = { epoch: "e", offset: 7 };
    leave();
    expect(first?.closed).toBe(true);
    feed.follow(() => {});
    expect(made[1]?.options.since).toEqual({ epoch: "e", offset: 7 });
  });

  it("subscribes once for all that follow it", () => {
    const feed = new Feed(hub, "c");
    const [one, other] = [feed.follow(() => {}), feed.follow(() => {})];
    one();
    expect(made.map(({ closed }) => closed)).toEqual([false]);
    other();
    expect(made.map(({ closed }) => closed)).toEqual([true]);
  });

  it("tells gaps, states and errors", () => {
    const feed = new Feed(hub, "c");
    feed.follow(() => {});
    made[0]?.emit("gap", { channel: "c", reason: "lost" });
    made[0]?.emit("state", { state: "interrupted" });
    made[0]?.emit("error", new Error("no"));
    draw();
    expect(feed.read()).toMatchObject({ gaps: [{ reason: "lost" }], state: "interrupted", error: { message: "no" } });
  });
});

describe("several feeds", () => {
  it("are one: the same states until one of them changes", () => {
    const feeds = new Feeds([new Feed(hub, "a"), new Feed(hub, "b")]);
    const changed = vi.fn();
    const leave = feeds.follow(changed);
    draw();
    const before = feeds.read();
    expect(feeds.read()).toBe(before);
    made[1]?.emit("publication", publication(1));
    draw();
    expect(feeds.read()).not.toBe(before);
    expect(feeds.read().map(({ received }) => received)).toEqual([0, 1]);
    leave();
    expect(made.map(({ closed }) => closed)).toEqual([true, true]);
  });
});
