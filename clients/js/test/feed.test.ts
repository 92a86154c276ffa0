import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Feed } from "../src/feed.js";
import type { Hub, Publication } from "../src/index.js";

/** A subscription without a hub: says what was asked, and emits what the test wants. */
class Subscription extends EventTarget {
  state = "live";
  position: unknown;
  closed = false;

  constructor(readonly options: { since?: unknown }) {
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
  subscribe(_channel: string, options: object) {
    const subscription = new Subscription(options);
    made.push(subscription);
    return subscription;
  },
} as unknown as Hub; // the part of a hub that a feed uses

const draw = () => frames.splice(0).forEach((frame) => frame());
const publication = (offset: number, type = "note"): Publication => ({ type, channel: "c", data: offset, timestamp: "2026-01-01T00:00:00Z", offset, epoch: "e" });
const publish = (...offsets: number[]) => offsets.forEach((offset) => made.at(-1)?.emit("publication", publication(offset)));
const upTo = (most: number) => Array.from({ length: most }, (_, at) => at + 1);
const dataOf = (feed: Feed) => feed.read().publications.map(({ data }) => data);

beforeEach(() => {
  frames = [];
  made = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(() => frame(0));
  globalThis.cancelAnimationFrame = () => (frames.length = 0);
});

test("it shows all that came between two frames at once, and nothing of it before", () => {
  const feed = new Feed(hub, "c", { limit: 500, every: "frame" });
  let drawn = 0;
  feed.follow(() => drawn++);
  draw();
  const before = feed.read();
  publish(...upTo(300));
  assert.equal(feed.read(), before);
  draw();
  assert.equal(drawn, 2);
  assert.deepEqual(dataOf(feed), upTo(300));
});

test("it gathers changes for a time, or tells of each", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [slow, prompt] = [new Feed(hub, "c", { every: 40 }), new Feed(hub, "c", { every: 0 })];
  for (const feed of [slow, prompt]) {
    feed.follow(() => {});
    publish(1, 2);
  }
  assert.deepEqual([dataOf(slow), dataOf(prompt)], [[], [1, 2]]);
  mock.timers.tick(39);
  assert.deepEqual(dataOf(slow), []);
  mock.timers.tick(1);
  assert.deepEqual(dataOf(slow), [1, 2]);
  mock.timers.reset();
});

for (const [limit, kept] of [[10, [48, 49, 50, 51, 52, 53, 54, 55, 56, 57]], [1, [57]], [0, []]] as const) {
  test(`it keeps the newest ${limit} and counts all`, () => {
    const feed = new Feed(hub, "c", { limit, every: 0 });
    feed.follow(() => {});
    publish(...upTo(57));
    assert.deepEqual(dataOf(feed), kept);
    assert.equal(feed.read().received, 57);
  });
}

test("it keeps the asked types alone, and plans nothing for the others", () => {
  const feed = new Feed(hub, "c", { limit: 3, types: ["rare"], every: "frame" });
  feed.follow(() => {});
  made[0]?.emit("publication", publication(1, "rare"));
  draw();
  publish(...upTo(50));
  assert.equal(frames.length, 0);
  assert.deepEqual([feed.read().received, dataOf(feed)], [1, [1]]);
});

test("it begins with history where that is asked for, and goes on behind what it has and keeps it", () => {
  const feed = new Feed(hub, "c", { history: true, every: 0 });
  const leave = feed.follow(() => {});
  assert.deepEqual(made[0]?.options.since, { offset: 0 });
  publish(7);
  made[0]!.position = { epoch: "e", offset: 7 };
  leave();
  assert.deepEqual([made[0]?.closed, feed.read().state, dataOf(feed)], [true, "pending", [7]]);
  publish(8); // what comes after the end is nobody's
  feed.follow(() => {});
  assert.deepEqual([made[1]?.options.since, feed.read().state, dataOf(feed)], [{ epoch: "e", offset: 7 }, "live", [7]]);
});

test("what came before the end and wasn't shown yet is there at the next beginning", () => {
  const feed = new Feed(hub, "c", { every: "frame" });
  const leave = feed.follow(() => {});
  publish(1);
  leave();
  assert.deepEqual([dataOf(feed), frames.length], [[1], 0]);
});

test("it subscribes once for all that follow it", () => {
  const feed = new Feed(hub, "c");
  const [one, other] = [feed.follow(() => {}), feed.follow(() => {})];
  one();
  assert.deepEqual(made.map(({ closed }) => closed), [false]);
  other();
  assert.deepEqual(made.map(({ closed }) => closed), [true]);
});

test("it tells gaps, states and errors", () => {
  const feed = new Feed(hub, "c", { every: 0 });
  feed.follow(() => {});
  for (let number = 0; number < 25; number++) made[0]?.emit("gap", { channel: "c", reason: "lost", number });
  made[0]?.emit("state", { state: "interrupted" });
  made[0]?.emit("error", new Error("no"));
  const { gaps, state, error } = feed.read();
  assert.deepEqual([gaps.length, state, error?.message], [20, "interrupted", "no"]);
});

test("it knows when a publication came, unless history held it", () => {
  const feed = new Feed(hub, "c", { every: 0 });
  feed.follow(() => {});
  const fresh = { ...publication(2), timestamp: new Date(Date.now() + 1_000).toISOString() };
  made[0]?.emit("publication", publication(1));
  made[0]?.emit("publication", fresh);
  const [old, live] = feed.read().publications;
  assert.equal(feed.read().arrivedAt(old!), undefined);
  assert.ok(Math.abs(feed.read().arrivedAt(live!)! - Date.now()) < 5_000);
});
