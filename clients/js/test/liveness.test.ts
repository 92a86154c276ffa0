import assert from "node:assert/strict";
import { test } from "node:test";
import { Liveness } from "../src/liveness.js";
import { World } from "./world.js";

const make = () => {
  const world = new World();
  const seen: [string, number][] = [];
  const note = (word: string) => () => void seen.push([word, world.now()]);
  return { world, seen, liveness: new Liveness(world, 30_000, note("ask"), note("dead")) };
};

test("silence of one interval is asked about, and no answer is death: within two intervals", async () => {
  const { world, seen } = make();
  await world.pass(60_000);
  assert.deepEqual(seen, [["ask", 30_000], ["dead", 40_000]]);
});

test("what is heard puts the question off", async () => {
  const { world, seen, liveness } = make();
  for (let n = 0; n < 10; n++) {
    await world.pass(20_000);
    liveness.heard();
  }
  assert.deepEqual(seen, []);
  await world.pass(30_000);
  assert.deepEqual(seen, [["ask", 230_000]]);
});

test("any message answers the question", async () => {
  const { world, seen, liveness } = make();
  await world.pass(30_000);
  liveness.heard();
  await world.pass(29_000);
  assert.deepEqual(seen.map(([word]) => word), ["ask"]);
  await world.pass(12_000);
  assert.deepEqual(seen.map(([word]) => word), ["ask", "ask", "dead"]);
});

test("on waking it asks at once, and waits 5 s", async () => {
  const { world, seen, liveness } = make();
  await world.pass(1000);
  liveness.probe();
  liveness.probe();
  await world.pass(5000);
  assert.deepEqual(seen, [["ask", 1000], ["dead", 6000]]);
});

test("stopped, it does nothing", async () => {
  const { world, seen, liveness } = make();
  liveness.stop();
  await world.pass(100_000);
  assert.deepEqual(seen, []);
  assert.equal(world.pending, 0);
});
