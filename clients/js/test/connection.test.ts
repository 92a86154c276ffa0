import assert from "node:assert/strict";
import { test } from "node:test";
import type { StateChange, Token } from "../src/connection.js";
import { HubError } from "../src/errors.js";
import { Hub, type HubOptions } from "../src/hub.js";
import { webSocket } from "../src/transport.js";
import { record, rest, World } from "./world.js";

const make = async (token?: Token, more: Partial<HubOptions> = {}) => {
  const world = new World();
  const options: HubOptions = {
    root: "http://hub", token, clientId: undefined, transport: webSocket, fallback: undefined,
    connectTimeout: 10_000, pingInterval: undefined, requestTimeout: 10_000, ...more,
  };
  const hub = new Hub(options, world);
  const states = record<StateChange>(hub, "state");
  const errors = record<HubError>(hub, "error");
  await rest();
  return { world, hub, states, errors };
};

const connected = async (token?: Token) => {
  const made = await make(token);
  made.world.socket.welcome();
  await rest();
  return made;
};

test("it connects, and says so", async () => {
  const { hub, states, world } = await make();
  assert.equal(hub.state, "connecting");
  assert.deepEqual([world.socket.url, world.socket.protocols], ["ws://hub/ws?channels=", []]);
  world.socket.welcome();
  assert.equal(hub.state, "connected");
  assert.deepEqual(states, [{ state: "connected", previous: "connecting" }]);
  assert.deepEqual(hub.channels, ["c"]);
});

test("the token travels as a subprotocol, never in the URL", async () => {
  const { world } = await make("a.b.c", { clientId: "me@home" });
  assert.deepEqual(world.socket.protocols, ["tocsin", "bearer.a.b.c"]);
  assert.equal(world.socket.url, "ws://hub/ws?channels=&client_id=me%40home");
});

test("after a loss it comes back after a random pause that grows, and begins anew once it worked", async () => {
  const { hub, states, world } = await connected();
  world.chance = 0.999;
  const pauses = [];
  for (let n = 0; n < 8; n++) {
    world.socket.lose();
    const retryIn = states.at(-1)?.retryIn ?? 0;
    pauses.push(Math.ceil(retryIn / 100) / 10);
    await world.pass(retryIn);
  }
  assert.deepEqual(pauses, [0.5, 1, 2, 4, 8, 16, 20, 20]);
  assert.equal(hub.state, "reconnecting");
  world.socket.welcome();
  world.socket.lose();
  assert.ok((states.at(-1)?.retryIn ?? 0) > 19_000, "that it opened isn't enough");
  await world.pass(20_000);
  world.socket.welcome();
  const stats = hub.stats();
  await rest();
  world.socket.answer("stats", { data: {} });
  await stats;
  world.socket.lose();
  assert.ok((states.at(-1)?.retryIn ?? 9999) <= 500);
});

test("the hub's own delay counts, from a notice or from the close, and waking doesn't shorten it", async () => {
  const { states, world } = await connected();
  world.socket.say({ type: "reconnect", delay_ms: 2350, reason: "stopping" });
  world.socket.lose(1001, "reconnect in 9999 ms");
  assert.equal(states.at(-1)?.retryIn, 2350);
  await world.wake();
  assert.equal(world.sockets.length, 1);
  await world.pass(2350);
  assert.equal(world.sockets.length, 2);
  world.socket.welcome();
  world.socket.lose(1001, "the hub is stopping; reconnect in 777 ms");
  assert.equal(states.at(-1)?.retryIn, 777);
});

test("it comes back after 4000 to 4499, and not after 4500 and above", async () => {
  const { hub, errors, states, world } = await connected();
  world.socket.lose(4003, "come back");
  assert.equal(hub.state, "reconnecting");
  await world.pass(500);
  world.socket.welcome();
  world.socket.lose(4504, "enough");
  assert.equal(hub.state, "closed");
  assert.deepEqual(states.at(-1), { state: "closed", previous: "connected", code: 4504, reason: "the hub closed for good: enough" });
  assert.equal(errors.length, 1);
  await world.pass(100_000);
  assert.deepEqual([world.sockets.length, world.pending], [2, 0]);
});

test("who is let in without the token shows it all the same, and is nobody until it counts", async () => {
  const { hub, states, world } = await make("a.b.c");
  world.socket.lose(1006);
  await world.pass(500);
  const stats = hub.stats();
  world.socket.welcome({ user: "somebody else", operator: true }); // an open hub, or one that lets nobodies in
  await rest();
  assert.deepEqual([hub.state, world.socket.commands], ["connecting", [{ action: "authenticate", token: "a.b.c" }]]);
  world.socket.welcome({ user: "ada" });
  await rest();
  assert.deepEqual([hub.state, hub.welcome?.["user"], states.length], ["connected", "ada", 2]);
  world.socket.answer("stats", { data: {} });
  await stats;
  world.socket.lose(1006);
  await world.pass(500);
  assert.deepEqual(world.socket.protocols, ["tocsin", "bearer.a.b.c"], "after a welcome it begins with the handshake again");
  world.socket.welcome({ user: "ada" });
  await rest();
  assert.deepEqual([hub.state, world.socket.commands], ["connected", []]);
});

test("a token that was refused isn't tried again; a new one is", async () => {
  const tokens = ["old", "new", "new"];
  const { hub, errors, world } = await make(() => tokens.shift() ?? null);
  world.socket.lose(4500, "expired");
  await world.pass(500);
  assert.deepEqual(world.socket.protocols, [], "after an opaque failure the token comes as the first command");
  world.socket.readyState = 1;
  world.socket.say({ type: "connection", status: "unauthenticated" });
  assert.deepEqual(world.socket.last("authenticate"), { action: "authenticate", token: "new" });
  world.socket.lose(4500, "also bad");
  assert.equal(hub.state, "closed");
  assert.equal(errors.length, 1);

  const same = await make(() => "same");
  same.world.socket.lose(4501);
  await same.world.pass(500);
  assert.deepEqual([same.hub.state, same.errors[0]?.code], ["closed", "invalid_token"]);
});

test("a fixed token that the hub refuses ends it", async () => {
  const { hub, world } = await make("fixed");
  world.socket.lose(4502, "revoked");
  assert.equal(hub.state, "closed");
});

test("a refused upgrade looks like a dead network, so the next attempt asks for words", async () => {
  const { hub, errors, world } = await make("bad");
  world.socket.lose(1006); // it was an HTTP 401
  await world.pass(500);
  world.socket.readyState = 1;
  world.socket.say({ type: "connection", status: "unauthenticated" });
  world.socket.refuse("authenticate", { code: "invalid_token" });
  world.socket.lose(4500, "the token expired");
  assert.equal(hub.state, "closed");
  assert.deepEqual(errors.map(({ code }) => code), ["invalid_token", "closed"]);
});

test("without a token it gives up where one is needed", async () => {
  for (const { hub, errors, world } of [await make(() => null), await make()]) {
    if (world.sockets.length) world.socket.say({ type: "connection", status: "unauthenticated" });
    assert.deepEqual([hub.state, errors[0]?.code], ["closed", "unauthenticated"]);
  }
});

test("a token function that fails is asked again later", async () => {
  let fails = true;
  const { errors, world } = await make(async () => {
    if (fails) throw new Error("login is down");
    return "t";
  });
  assert.deepEqual([world.sockets.length, errors.length], [0, 1]);
  fails = false;
  await world.pass(500);
  assert.equal(world.sockets.length, 1);
});

test("a token is refreshed before it ends", async () => {
  let made = 0;
  const { world } = await connected(() => `token-${++made}`);
  world.socket.say({ type: "token_expiring", seconds: 60 });
  await rest();
  assert.equal(world.socket.last("refresh")["token"], "token-2");
});

test("no welcome in time is a loss", async () => {
  const { hub, world } = await make();
  await world.pass(10_000);
  assert.equal(world.socket.closedWith, 1000);
  await world.pass(500);
  assert.deepEqual([world.sockets.length, hub.state], [2, "connecting"]);
});

test("a dead link is found by its silence and replaced; what it says later is ignored", async () => {
  const { hub, world } = await connected();
  const dead = world.socket;
  const said = dead.onmessage;
  await world.pass(39_999);
  assert.equal(hub.state, "connected");
  await world.pass(1);
  assert.equal(hub.state, "reconnecting");
  said?.({ data: JSON.stringify({ type: "degraded", reason: "late" }) } as never);
  assert.equal(hub.state, "reconnecting");
  await world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("a pong keeps the link", async () => {
  const { hub, world } = await connected();
  for (let n = 0; n < 5; n++) {
    await world.pass(30_000);
    world.socket.answer("ping", { type: "pong" });
  }
  assert.deepEqual([hub.state, world.sockets.length], ["connected", 1]);
});

test("waking ends the pause at once, or checks the link", async () => {
  const { hub, world } = await connected();
  world.chance = 0.999;
  world.socket.lose();
  await world.wake();
  assert.equal(world.sockets.length, 2);
  world.socket.welcome();
  await world.wake();
  assert.equal(world.socket.last("ping").action, "ping");
  await world.pass(5000);
  assert.equal(hub.state, "reconnecting");
});

test("without a network it is offline, and goes on trying", async () => {
  const { hub, world } = await connected();
  world.network = false;
  world.socket.lose();
  assert.equal(hub.state, "offline");
  await world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("the hub's own trouble is a state of its own", async () => {
  const { hub, states, world } = await connected();
  world.socket.say({ type: "degraded", reason: "redis is away", timestamp: "" });
  world.socket.say({ type: "degraded", reason: "still", timestamp: "" });
  world.socket.say({ type: "restored", timestamp: "" });
  assert.deepEqual(states.map(({ state }) => state), ["connected", "degraded", "connected"]);
  assert.equal(states[1]?.reason, "redis is away");
  world.socket.say({ type: "degraded", channel: "c", data: "a publication of that type" });
  assert.equal(hub.state, "connected");
});

test("the fallback takes turns after three failures, and stays while it works", async () => {
  const used: string[] = [];
  const failing = (name: string) => (_: unknown, events: { closed(code: number, reason: string): void }) => {
    used.push(name);
    queueMicrotask(() => events.closed(1006, ""));
    return { send() {}, close() {} };
  };
  const { world, hub } = await make(undefined, { transport: failing("socket"), fallback: failing("stream") });
  await world.pass(60_000);
  assert.deepEqual(used.slice(0, 7), ["socket", "socket", "socket", "stream", "socket", "stream", "socket"]);
  hub.close();
});

test("closing ends everything", async () => {
  const { hub, world } = await connected();
  const answer = hub.stats();
  hub.close();
  await assert.rejects(answer, (error: HubError) => error.code === "closed");
  assert.deepEqual([hub.state, world.socket.closedWith, world.pending], ["closed", 1000, 0]);
  await assert.rejects(hub.stats(), (error: HubError) => error.code === "closed");
  const other = await connected();
  await other.hub[Symbol.asyncDispose]();
  assert.equal(other.hub.state, "closed");
});

test("frames that are no messages are ignored", async () => {
  const { hub, world } = await connected();
  for (const frame of ["{", "3", "null", '"x"', "[]"]) world.socket.say(frame);
  assert.equal(hub.state, "connected");
});
