import assert from "node:assert/strict";
import { test } from "node:test";
import { Cursor } from "../src/cursor.js";
import { publication } from "./world.js";

const at = (offset: number, epoch = "e") => ({ epoch, offset });

/** A cursor behind publication 5. */
const behindFive = () => new Cursor("c", at(5));

test("the reply to a first subscribe gives the position", () => {
  const cursor = new Cursor("c");
  assert.equal(cursor.begin({ epoch: "e", offset: 7 }, 0), undefined);
  assert.deepEqual(cursor.at, at(7));
  assert.deepEqual(cursor.take(publication(7)), { seen: true });
  assert.deepEqual(cursor.take(publication(8)), { seen: false });
});

test("what was seen is told from what is new", () => {
  const cursor = behindFive();
  assert.equal(cursor.begin({ recovered: true, epoch: "e", offset: 7 }, 2), undefined);
  assert.deepEqual([6, 6, 7, 5, 8].map((n) => cursor.take(publication(n)).seen), [false, true, false, true, false]);
});

test("a reply with a replay doesn't move the position: a cut in the middle of it loses nothing", () => {
  const cursor = behindFive();
  cursor.begin({ recovered: true, epoch: "e", offset: 9 }, 4);
  assert.deepEqual(cursor.at, at(5));
});

test("what can't be recovered is a gap, and what follows is taken wherever it begins", () => {
  const cursor = behindFive();
  const gap = cursor.begin({ recovered: false, epoch: "e", offset: 4 }, 2);
  assert.deepEqual(gap, { channel: "c", reason: "unrecovered", from: at(5) });
  assert.deepEqual(cursor.at, at(5), "a cut before the replay must be told as a gap again");
  assert.deepEqual([3, 4, 5].map((n) => cursor.take(publication(n))), Array(3).fill({ seen: false }));
});

test("a gap without a replay goes up to the top", () => {
  const cursor = behindFive();
  const gap = cursor.begin({ recovered: false, epoch: "f", offset: 3 }, 0);
  assert.deepEqual(gap, { channel: "c", reason: "unrecovered", from: at(5), to: at(3, "f") });
  assert.deepEqual(cursor.at, at(3, "f"));
});

test("all that history holds may begin anywhere, and is no gap", () => {
  const cursor = new Cursor("c", { offset: 0 });
  assert.equal(cursor.begin({ recovered: false, epoch: "e", offset: 99 }, 2), undefined);
  assert.deepEqual(cursor.take(publication(98)), { seen: false });
});

test("offsets that skip are a gap", () => {
  const jump = { channel: "c", reason: "jump", from: at(5), to: at(7) };
  assert.deepEqual(behindFive().take(publication(8)), { seen: false, gap: jump });
  assert.deepEqual(behindFive().take({ type: "position", channel: "c", ...at(8) }).gap, jump);
});

test("a new epoch that begins at 1 is none; one that doesn't is", () => {
  assert.deepEqual(behindFive().take(publication(1, { epoch: "f" })), { seen: false });
  assert.deepEqual(behindFive().take(publication(3, { epoch: "f" })).gap, { channel: "c", reason: "jump", from: at(5), to: at(2, "f") });
});

test("offsets of a conflated channel may skip", () => {
  const cursor = behindFive();
  assert.deepEqual(cursor.take(publication(9, { key: "k" })), { seen: false });
  assert.deepEqual(cursor.take({ type: "position", channel: "c", ...at(12) }), { seen: false });
  assert.ok(behindFive().take(publication(9, { key: null })).gap, "over HTTP an absent key is null");
});

test("the hub's word on a gap is taken, once", () => {
  const cursor = behindFive();
  const notice = { type: "gap", channel: "c", ...at(9) };
  assert.deepEqual(cursor.skip(notice), { channel: "c", reason: "lost", from: at(5), to: at(9) });
  assert.equal(cursor.skip(notice), undefined);
  assert.deepEqual(cursor.take(publication(10)), { seen: false });
});

test("without positions everything is new", () => {
  const cursor = new Cursor("c");
  cursor.begin({}, 0);
  const bare = { type: "note", channel: "c", data: 1 };
  assert.deepEqual([cursor.take(bare), cursor.take(bare)], [{ seen: false }, { seen: false }]);
  assert.equal(cursor.at, undefined);
});
