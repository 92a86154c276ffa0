import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../src/backoff.js";
import { HubError } from "../src/errors.js";
import { isPublication, mayReturn, namedDelay, positionOf, wantsToken } from "../src/protocol.js";

test("close codes say whether to come back, also those that are not known yet", () => {
  const back = [1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4002, 4003, 4004, 4499];
  const away = [1000, 1002, 1007, 1009, 4500, 4501, 4502, 4503, 4504, 4999];
  assert.deepEqual(back.filter(mayReturn), back);
  assert.deepEqual(away.filter(mayReturn), []);
  assert.deepEqual(away.filter(wantsToken), [4500, 4501, 4502]);
});

test("a publication is told by its shape, whatever its type says", () => {
  assert.equal(isPublication({ type: "error", channel: "c", data: null }), true);
  assert.equal(isPublication({ type: "note", data: 1 }), false);
  assert.equal(isPublication({ type: "position", channel: "c" }), false);
});

test("a position has an epoch and an offset", () => {
  assert.deepEqual(positionOf({ epoch: "e", offset: 3, type: "x" }), { epoch: "e", offset: 3 });
  assert.equal(positionOf({ offset: 3 }), undefined);
  assert.equal(positionOf({ epoch: null, offset: null }), undefined);
});

test("the reason of a close may name a delay, five minutes at most", () => {
  assert.equal(namedDelay("the hub is stopping; reconnect in 2350 ms"), 2350);
  assert.equal(namedDelay("reconnect in 99999999 ms"), 300_000);
  assert.equal(namedDelay("error 42"), undefined);
});

test("the pause is random from 0 on, and its bound doubles up to 20 s", () => {
  assert.deepEqual([0, 1, 2, 5, 6, 50].map((attempt) => backoff(attempt, () => 1)), [500, 1000, 2000, 16_000, 20_000, 20_000]);
  assert.equal(backoff(9, () => 0), 0);
});

test("an error keeps what the hub said", () => {
  const error = HubError.from({ type: "error", code: "rate_limited", message: "slowly", temporary: true, retry_after: 0.25 });
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message, error.temporary, error.retryAfter], ["HubError", "rate_limited", "slowly", true, 250]);
  assert.equal(HubError.from({}).code, "internal");
});
