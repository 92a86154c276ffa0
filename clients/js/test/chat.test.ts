import assert from "node:assert/strict";
import { test } from "node:test";
import { Chat } from "../src/chat.js";
import type { HubError } from "../src/errors.js";
import { Hub } from "../src/hub.js";
import { webSocket } from "../src/transport.js";
import { rest, World } from "./world.js";

const chatting = async () => {
  const world = new World();
  const options = {
    root: "http://hub", token: "a.b.c", clientId: undefined, transport: webSocket, fallback: undefined,
    connectTimeout: 10_000, pingInterval: undefined, requestTimeout: 10_000,
  };
  const chat = new Chat(new Hub(options, world));
  await rest();
  world.socket.welcome();
  await rest();
  return { world, chat };
};

test("a message is sent with what was asked for, and gives the run that answers it", async () => {
  const { world, chat } = await chatting();
  const sent = chat.sendMessage("s1", "hello", { targetAgent: "coder", ifActive: "steer", priority: 2, idempotencyKey: "k" });
  await rest();
  const { id, ...command } = world.socket.last("send_message");
  assert.deepEqual(command, {
    action: "send_message", session: "s1", content: "hello", target_agent: "coder", if_active: "steer", priority: 2, idempotency_key: "k",
  });
  world.socket.answer("send_message", { run: { id: "r1" }, message: { id: "m1" } });
  const { run, message } = await sent;
  assert.deepEqual([run.id, message.id, typeof id], ["r1", "m1", "number"]);
});

test("a message whose answer is lost is sent again with the same key, and two messages have two", async () => {
  const { world, chat } = await chatting();
  const both = [chat.sendMessage("s1", "one"), chat.sendMessage("s1", "one")];
  await rest();
  const before = world.socket.commands;
  world.socket.lose();
  await world.pass(500);
  world.socket.welcome();
  await rest();
  assert.deepEqual(world.socket.commands, before);
  const keys = before.map((command) => String(command["idempotency_key"]));
  assert.ok(keys[0] !== keys[1] && keys.every((key) => key.length > 12));
  for (const { id } of before) world.socket.say({ type: "send_message", id: id!, run: { id: "r" }, message: {} });
  assert.equal((await Promise.all(both)).length, 2);
});

test("runs and sessions are stopped, and what is refused is an error", async () => {
  const { world, chat } = await chatting();
  const run = chat.stopRun("r1");
  const session = chat.stopSession("s1");
  const refused = chat.stopRun("r2", { timeout: 50 });
  await rest();
  const [first, second, third] = world.socket.commands;
  world.socket.say({ type: "stop_run", id: first!.id!, run: { status: "cancelled" } });
  world.socket.say({ type: "stop_session", id: second!.id!, stopped: 2 });
  world.socket.say({ type: "error", id: third!.id!, code: "not_found", message: "no", temporary: false });
  assert.deepEqual([(await run).status, await session], ["cancelled", 2]);
  await assert.rejects(refused, (error: HubError) => error.code === "not_found");
});
