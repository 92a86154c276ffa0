import assert from "node:assert/strict";
import { test } from "node:test";
import type { HubError } from "../src/errors.js";
import { Hub } from "../src/hub.js";
import type { Command, Gap, Publication } from "../src/protocol.js";
import { webSocket } from "../src/transport.js";
import { publication, record, rest, World } from "./world.js";

const make = async () => {
  const world = new World();
  const hub = new Hub(
    {
      root: "http://hub", token: undefined, clientId: undefined, transport: webSocket, fallback: undefined,
      connectTimeout: 10_000, pingInterval: undefined, requestTimeout: 10_000,
    },
    world,
  );
  await rest();
  world.socket.welcome();
  return { world, hub };
};

/** A hub with one subscription that is live behind publication 5. */
const subscribed = async (options = {}) => {
  const made = await make();
  const sub = made.hub.subscribe("c", options);
  await rest();
  made.world.socket.answer("subscribe", { epoch: "e", offset: 5, subscribers: 1 });
  return { ...made, sub, got: record<Publication>(sub, "publication"), gaps: record<Gap>(sub, "gap") };
};

const reconnect = async (world: World) => {
  world.socket.lose();
  await world.pass(500);
  world.socket.welcome();
  await rest();
};

const offsets = (publications: Publication[]) => publications.map(({ offset }) => offset);

test("publications come as events, by all and by type", async () => {
  const { world, sub, got } = await subscribed();
  const alerts = record<Publication>(sub, "publication:alert");
  world.socket.say(publication(6));
  world.socket.say(publication(7, { type: "alert", data: { disk: "full" } }));
  world.socket.say(publication(8, { type: "error", channel: "other" }));
  assert.deepEqual(offsets(got), [6, 7]);
  assert.deepEqual(alerts.map(({ data }) => data), [{ disk: "full" }]);
  assert.deepEqual(sub.position, { epoch: "e", offset: 7 });
});

test("a publication whose type is a word of the hub is a publication", async () => {
  const { world, hub, got } = await subscribed();
  for (const [index, type] of ["error", "unsubscribed", "reconnect", "connection", "gap", "position", "token_expiring"].entries()) {
    world.socket.say(publication(6 + index, { type }));
  }
  assert.equal(got.length, 7);
  assert.equal(hub.state, "connected");
});

test("a loop reads them", async () => {
  const { world, sub } = await subscribed();
  const seen: (number | undefined)[] = [];
  const loop = (async () => {
    for await (const { offset } of sub) seen.push(offset);
  })();
  for (const n of [6, 7]) world.socket.say(publication(n));
  await rest();
  sub.close();
  await loop;
  assert.deepEqual(seen, [6, 7]);
});

test("after a loss all channels are asked for in one frame, each with its position", async () => {
  const { world, hub, got } = await subscribed();
  hub.subscribe("d");
  await rest();
  world.socket.answer("subscribe");
  world.socket.say(publication(6));
  await reconnect(world);
  const since = { epoch: "e", offset: 6 };
  assert.deepEqual(world.socket.frames, [
    [{ action: "subscribe", channel: "c", since, id: 3 }, { action: "subscribe", channel: "d", id: 4 }],
  ]);
  world.socket.say({ type: "subscribe", id: 3, channel: "c", recovered: true, replayed: 2, epoch: "e", offset: 8 });
  for (const n of [7, 8, 8, 9]) world.socket.say(publication(n));
  assert.deepEqual(offsets(got), [6, 7, 8, 9]);
});

test("a cut in the middle of a replay loses and repeats nothing", async () => {
  const { world, got, gaps } = await subscribed();
  await reconnect(world);
  world.socket.answer("subscribe", { recovered: true, replayed: 4, epoch: "e", offset: 9 });
  world.socket.say(publication(6));
  await reconnect(world);
  assert.deepEqual(world.socket.last("subscribe")["since"], { epoch: "e", offset: 6 });
  world.socket.answer("subscribe", { recovered: true, replayed: 3, epoch: "e", offset: 9 });
  for (const n of [7, 8, 9]) world.socket.say(publication(n));
  assert.deepEqual([offsets(got), gaps], [[6, 7, 8, 9], []]);
});

test("a gap is an event of the subscription and the hub, and stands in the next publication", async () => {
  const { world, hub, got, gaps } = await subscribed();
  const all = record<Gap>(hub, "gap");
  await reconnect(world);
  world.socket.answer("subscribe", { recovered: false, replayed: 1, epoch: "f", offset: 3 });
  world.socket.say(publication(3, { epoch: "f" }));
  world.socket.say({ type: "gap", channel: "c", epoch: "f", offset: 7, timestamp: "" });
  world.socket.say(publication(8, { epoch: "f" }));
  world.socket.say(publication(11, { epoch: "f" }));
  assert.deepEqual(gaps.map(({ reason }) => reason), ["unrecovered", "lost", "jump"]);
  assert.deepEqual(got.map(({ gap }) => gap?.reason), gaps.map(({ reason }) => reason));
  assert.deepEqual(all, gaps);
});

test("a position notice moves the position and gives nothing", async () => {
  const { world, sub, got } = await subscribed();
  world.socket.say({ type: "position", channel: "c", epoch: "e", offset: 6 });
  assert.deepEqual([sub.position?.offset, got.length], [6, 0]);
});

test("before the answer to subscribe, publications are somebody else's", async () => {
  const { world, hub } = await make();
  const got = record<Publication>(hub.subscribe("c", { since: { epoch: "e", offset: 3 } }), "publication");
  await rest();
  world.socket.say(publication(9));
  world.socket.answer("subscribe", { recovered: true, replayed: 6, epoch: "e", offset: 9 });
  for (const n of [4, 5, 6, 7, 8, 9]) world.socket.say(publication(n));
  assert.deepEqual(offsets(got), [4, 5, 6, 7, 8, 9]);
});

test("a second reader with a position of its own catches up from history, while what is new waits", async () => {
  const { world, hub, got } = await subscribed();
  const late = hub.subscribe("c", { since: { epoch: "e", offset: 2 } });
  const seen = record<Publication>(late, "publication");
  await rest();
  world.socket.answer("subscribe", { epoch: "e", offset: 5, subscribers: 1 });
  await rest();
  assert.equal(late.state, "pending");
  world.socket.say(publication(6));
  const publications = [3, 4, 5, 6].map((n) => publication(n));
  world.socket.answer("history", { publications, epoch: "e", offset: 6, recovered: true });
  world.socket.say(publication(7));
  assert.deepEqual([offsets(got), offsets(seen)], [[6, 7], [3, 4, 5, 6, 7]]);
  assert.equal(late.state, "live");
});

test("a long history is read page by page, and one that is refused is a gap", async () => {
  const { world, hub } = await subscribed();
  const late = hub.subscribe("c", { since: { epoch: "e", offset: 1 } });
  const [seen, gaps] = [record<Publication>(late, "publication"), record<Gap>(late, "gap")];
  await rest();
  world.socket.answer("subscribe", { epoch: "e", offset: 1500 });
  await rest();
  const pages = [1000, 499].map((size, page) => Array.from({ length: size }, (_, n) => publication(2 + n + 1000 * page)));
  world.socket.answer("history", { publications: pages[0], epoch: "e", offset: 1500, recovered: false });
  await rest();
  assert.deepEqual(world.socket.last("history")["since"], { epoch: "e", offset: 1001 });
  world.socket.answer("history", { publications: pages[1], epoch: "e", offset: 1500, recovered: true });
  assert.deepEqual([seen.length, gaps], [1499, []]);
  const third = hub.subscribe("c", { since: { epoch: "e", offset: 1 } });
  const missing = record<Gap>(third, "gap");
  await rest();
  world.socket.answer("subscribe", { epoch: "e", offset: 1500 });
  await rest();
  world.socket.refuse("history", { code: "unavailable", temporary: true, retry_after: 2 });
  await world.pass(2000);
  assert.equal(world.socket.commands.filter(({ action }) => action === "history").length, 4, "asked again after a refusal for the moment");
  world.socket.refuse("history", { code: "permission_denied" });
  assert.deepEqual([third.state, missing.map(({ reason }) => reason)], ["live", ["unrecovered"]]);
});

test("readers at one position are asked for once; the channel is left with the last one", async () => {
  const { world, hub, sub, got } = await subscribed();
  const other = hub.subscribe("c", { since: { epoch: "e", offset: 5 } });
  other.addEventListener("publication", () => {});
  await reconnect(world);
  const asked = () => world.socket.commands.map(({ action }: Command) => action);
  assert.deepEqual(asked(), ["subscribe"]);
  world.socket.answer("subscribe", { recovered: true, replayed: 1, epoch: "e", offset: 6 });
  world.socket.say(publication(6));
  assert.deepEqual([offsets(got), other.position?.offset], [[6], 6]);
  sub.close();
  await rest();
  assert.deepEqual(asked(), ["subscribe"]);
  other.close();
  await rest();
  assert.deepEqual(asked(), ["subscribe", "unsubscribe"]);
});

test("what is opened and closed within one turn costs nothing", async () => {
  const { world, hub } = await make();
  hub.subscribe("c").close();
  await rest();
  assert.deepEqual(world.socket.frames, []);
});

test("options of several readers are joined, and presence goes to who asked", async () => {
  const { world, hub, sub } = await subscribed();
  const asking = hub.subscribe("c", { presence: true, intervalMs: 500 });
  const [none, changes] = [record(sub, "presence"), record(asking, "presence")];
  await rest();
  const { presence, interval_ms } = world.socket.last("subscribe");
  assert.deepEqual([presence, interval_ms], [true, undefined], "one of them wants everything");
  world.socket.answer("subscribe", { epoch: "e", offset: 5 });
  world.socket.say({ type: "presence", channel: "c", event: "join", client: { client_id: "x" }, timestamp: "" });
  assert.deepEqual([none.length, changes.length], [0, 1]);
});

test("a refusal for good ends the subscription; one for the moment is tried again", async () => {
  const { world, hub } = await make();
  const sub = hub.subscribe("c");
  const errors = record<HubError>(sub, "error");
  const ready = assert.rejects(sub.ready(), { code: "unknown_channel" });
  await rest();
  world.socket.refuse("subscribe", { code: "rate_limited", temporary: true, retry_after: 1 });
  await world.pass(999);
  assert.equal(world.socket.commands.length, 1);
  await world.pass(1);
  assert.equal(world.socket.commands.length, 2);
  world.socket.refuse("subscribe", { code: "unknown_channel", message: "Invalid channel: c" });
  await ready;
  assert.deepEqual([sub.state, errors.length], ["closed", 1]);
  await assert.rejects(async () => {
    for await (const _ of sub);
  }, { code: "unknown_channel" });
});

test("the hub may end a subscription", async () => {
  const { world, sub } = await subscribed();
  const loop = assert.rejects(async () => {
    for await (const _ of sub);
  }, { code: "permission_denied" });
  world.socket.say({ type: "unsubscribed", channel: "c", code: "permission_denied", message: "no longer yours" });
  await loop;
  assert.equal(sub.state, "closed");
});

test("a publish with a key is sent again over a loss; without one it fails, because it may have been done", async () => {
  const { world, hub } = await make();
  const [safe, unsafe] = [hub.publish("c", "t", 1, { idempotencyKey: "k", echo: false, version: 3 }), hub.publish("c", "t", 2)];
  await rest();
  const [sent] = world.socket.commands;
  assert.deepEqual(sent, { action: "publish", channel: "c", type: "t", data: 1, idempotency_key: "k", echo: false, version: 3, id: 1 });
  const failed = assert.rejects(unsafe, { code: "disconnected", temporary: true });
  await reconnect(world);
  await failed;
  assert.deepEqual(world.socket.commands, [sent]);
  const result = { channel: "c", epoch: "e", offset: 9, subscribers: 1, duplicate: true };
  world.socket.answer("publish", { results: [result] });
  assert.deepEqual(await safe, result);
});

test("requests wait for the connection, and have a time", async () => {
  const { world, hub } = await make();
  world.socket.lose();
  const [history, presence] = [hub.history("c", { limit: 5 }), hub.presence("c", { timeout: 300, members: false })];
  const late = assert.rejects(presence, { code: "timeout" });
  await world.pass(500);
  await late;
  world.socket.welcome();
  await rest();
  assert.deepEqual(world.socket.commands, [{ action: "history", channel: "c", limit: 5, id: 1 }]);
  world.socket.answer("history", { publications: [], epoch: "e", offset: 0 });
  assert.equal((await history).epoch, "e");
});

test("a refused request throws what the hub said, also for one channel", async () => {
  const { world, hub } = await make();
  const refused = assert.rejects(hub.publish("c", "t", 1), { name: "HubError", code: "data_too_large" });
  await rest();
  world.socket.answer("publish", { results: [{ channel: "c", error: { code: "data_too_large", message: "no", temporary: false } }] });
  await refused;
});

test("messages to this client alone, and errors without a command, are the hub's events", async () => {
  const { world, hub } = await make();
  const [messages, errors] = [record(hub, "message"), record<HubError>(hub, "error")];
  world.socket.say({ type: "hello", data: 1, timestamp: "" });
  world.socket.say({ type: "news of tomorrow", timestamp: "" });
  world.socket.say({ type: "error", code: "invalid_json", message: "no" });
  assert.deepEqual([messages.length, errors.map(({ code }) => code)], [1, ["invalid_json"]]);
});

test("batches are no larger than the hub takes", async () => {
  const { world, hub } = await make();
  for (let n = 0; n < 250; n++) hub.subscribe(`room:${n}`);
  await rest();
  assert.deepEqual(world.socket.frames.map((frame) => (frame as Command[]).length), [100, 100, 50]);
});

test("closing the hub object closes what is subscribed, quietly", async () => {
  const { hub, sub } = await subscribed();
  const errors = record(sub, "error");
  const loop = (async () => {
    for await (const _ of sub);
  })();
  hub.close();
  await loop;
  assert.deepEqual([sub.state, errors], ["closed", []]);
  assert.equal(hub.subscribe("c").state, "closed");
});
