import assert from "node:assert/strict";
import { test } from "node:test";
import { Requests, type Lasting } from "../src/requests.js";
import { World } from "./world.js";

const make = (most = 10) => {
  const world = new World();
  const requests = new Requests(world, most);
  const seen: string[] = [];
  const add = (action: string, lasting: Lasting = "once", timeout = 1000) =>
    requests.add({ action }, lasting, timeout, {
      answered: (reply) => seen.push(`${action}: ${reply.type}`),
      failed: ({ code }) => seen.push(`${action}: ${code}`),
    });
  return { world, requests, seen, add };
};

test("each command is sent once and answered by its id", () => {
  const { requests, seen, add } = make();
  add("one");
  add("two");
  assert.deepEqual(requests.unsent(), [{ action: "one", id: 1 }, { action: "two", id: 2 }]);
  assert.deepEqual(requests.unsent(), []);
  assert.equal(requests.settle({ type: "done", id: 2 }), true);
  assert.equal(requests.settle({ type: "error", id: 1, code: "permission_denied" }), true);
  assert.equal(requests.settle({ type: "done", id: 1 }), false);
  assert.deepEqual(seen, ["two: done", "one: permission_denied"]);
});

test("a command without an answer in time fails, sent or not", async () => {
  const { world, requests, seen, add } = make();
  add("one");
  requests.unsent();
  add("two", "again");
  await world.pass(1000);
  assert.deepEqual(seen, ["one: timeout", "two: timeout"]);
  assert.equal(world.pending, 0);
});

test("when a connection ends, what may be asked again is, and what may not fails", () => {
  const { requests, seen, add } = make();
  for (const lasting of ["link", "once", "again"] as const) add(`sent ${lasting}`, lasting);
  requests.unsent();
  for (const lasting of ["link", "once", "again"] as const) add(`unsent ${lasting}`, lasting);
  requests.interrupt();
  assert.deepEqual(seen, ["sent link: disconnected", "sent once: disconnected", "unsent link: disconnected"]);
  assert.deepEqual(requests.unsent().map(({ action }) => action), ["sent again", "unsent once", "unsent again"]);
});

test("no more wait than may", () => {
  const { seen, add } = make(2);
  for (const action of ["one", "two", "three"]) add(action);
  assert.deepEqual(seen, ["three: overflow"]);
});
