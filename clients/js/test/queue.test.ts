import assert from "node:assert/strict";
import { test } from "node:test";
import type { Gap, Publication } from "../src/protocol.js";
import { Queue } from "../src/queue.js";
import { publication } from "./world.js";

const item = (offset: number) => publication(offset) as unknown as Publication;

const make = (size = 3) => {
  const dropped: Gap[] = [];
  const left: unknown[] = [];
  return { queue: new Queue<unknown>(size, (gap) => dropped.push(gap), (gone) => left.push(gone)), dropped, left };
};

const drain = async (queue: Queue<unknown>) => {
  const items = [];
  for await (const one of queue) items.push(one);
  return items;
};

test("it gives what was queued, then what comes, in order", async () => {
  const { queue } = make();
  queue.push(item(1));
  const [first, second, third] = [queue.next(), queue.next(), queue.next()];
  queue.push(item(2));
  queue.push(item(3));
  const offsets = (await Promise.all([first, second, third])).map(({ value }) => value?.offset);
  assert.deepEqual(offsets, [1, 2, 3]);
});

test("it ends behind what is queued, quietly or with an error that is thrown once", async () => {
  const { queue } = make();
  queue.push(item(1));
  queue.end();
  assert.equal((await drain(queue)).length, 1);
  const other = make().queue;
  other.end(new Error("refused"));
  await assert.rejects(other.next(), /refused/);
  assert.deepEqual(await other.next(), { value: undefined, done: true });
});

test("a loop that waits is ended too", async () => {
  const { queue } = make();
  const waiting = queue.next();
  queue.end();
  assert.equal((await waiting).done, true);
});

test("over its size the oldest go, and the next one says so", async () => {
  const { queue, dropped } = make(2);
  for (const n of [1, 2, 3, 4, 5]) queue.push(item(n));
  queue.end();
  const gap = { channel: "c", reason: "overflow", from: { epoch: "e", offset: 0 }, to: { epoch: "e", offset: 3 } };
  assert.deepEqual(await drain(queue), [{ ...item(4), gap }, item(5)]);
  assert.deepEqual(dropped, [{ ...gap, to: { epoch: "e", offset: 1 } }], "one word per stretch, when it begins");
});

test("who leaves the loop gets no more, and is forgotten", async () => {
  const { queue, left } = make();
  queue.push(item(1));
  for await (const _ of queue) break;
  assert.deepEqual(left, [queue]);
  assert.equal((await queue.next()).done, true);
});
