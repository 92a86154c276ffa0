import assert from "node:assert/strict";
import { test } from "node:test";
import { Leader } from "../src/leader.js";
import type { Command, Message } from "../src/protocol.js";
import { publication } from "./world.js";

const make = (...tabs: string[]) => {
  const sent: Command[] = [];
  const told: [string | undefined, Message][] = [];
  const link = { send: (commands: readonly Command[]) => void sent.push(...commands), close() {} };
  const leader = new Leader("me", (message, tab) => told.push([tab, message]), () => link);
  for (const tab of tabs) leader.join(tab);
  return { leader, sent, told };
};

const subscribe = (channel: string, id: number, more = {}) => ({ action: "subscribe", channel, id, ...more });

test("commands get ids of their own, and replies find their way back", () => {
  const { leader, sent, told } = make("me", "b");
  leader.send("me", [{ action: "ping", id: 1 }]);
  leader.send("b", [{ action: "ping", id: 1 }]);
  assert.deepEqual(sent.map(({ id }) => id), ["me:1", "b:1"]);
  leader.receive({ type: "pong", id: "b:1" });
  assert.deepEqual(told, [["b", { type: "pong", id: 1 }]]);
});

test("everything else goes to all, but for what concerns the link itself", () => {
  const { leader, told } = make("me", "b");
  const all: Message[] = [publication(1, { type: "error" }), { type: "gap", channel: "c" }, { type: "degraded" }];
  const mine: Message[] = [{ type: "token_expiring", seconds: 60 }, { type: "error", code: "x" }, { type: "connection", status: "unauthenticated" }];
  for (const message of [...all, ...mine]) leader.receive(message);
  assert.deepEqual(told, [...all.map((message) => [undefined, message]), ...mine.map((message) => ["me", message])]);
});

test("who joins late gets the welcome too", () => {
  const { leader, told } = make("me");
  const welcome = { type: "connection", status: "connected" };
  leader.receive(welcome);
  leader.join("b");
  assert.deepEqual(told, [[undefined, welcome], ["b", welcome]]);
});

test("a channel is left with the last tab on it", () => {
  const { leader, sent, told } = make("me", "b");
  leader.send("me", [subscribe("c", 1)]);
  leader.send("b", [subscribe("c", 1)]);
  leader.send("me", [{ action: "unsubscribe", channel: "c", id: 2 }]);
  assert.deepEqual(told, [["me", { type: "unsubscribe", channel: "c", status: "success", id: 2 }]]);
  assert.equal(sent.length, 2);
  leader.send("b", [{ action: "unsubscribe", channel: "c", id: 2 }]);
  assert.equal(sent.at(-1)?.action, "unsubscribe");
});

test("a tab that goes leaves its channels, and is heard no more", () => {
  const { leader, sent } = make("me", "b");
  leader.send("b", [subscribe("c", 1), subscribe("d", 2)]);
  leader.send("me", [subscribe("d", 1)]);
  leader.leave("b");
  assert.deepEqual(sent.slice(3), [{ action: "unsubscribe", channel: "c" }]);
  leader.send("b", [subscribe("e", 3)]);
  assert.equal(sent.length, 4);
});

test("the wishes of all tabs are joined", () => {
  const { leader, sent } = make("me", "b", "d");
  leader.send("me", [subscribe("c", 1, { interval_ms: 500 })]);
  leader.send("b", [subscribe("c", 1, { interval_ms: 200, presence: true })]);
  leader.send("d", [subscribe("c", 1)]);
  assert.deepEqual(sent.map(({ interval_ms, presence }) => [interval_ms, presence]), [[500, undefined], [200, true], [undefined, true]]);
});
