import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, Message } from "../src/protocol.js";
import { sse } from "../src/sse.js";
import { publication, rest, World } from "./world.js";

interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly init: RequestInit;
}

type Answer = { readonly status?: number; readonly json?: unknown; readonly stream?: true };

/** A double of the hub's HTTP interface, in the words of docs/topics/http-api.md: answers by path, streams in the test's hands. */
class FakeHttp {
  readonly asked: Asked[] = [];
  readonly streams: ReadableStreamDefaultController<Uint8Array>[] = [];

  constructor(private readonly answer: (asked: Asked) => Answer) {}

  readonly fetch = (async (input: string, init: RequestInit = {}) => {
    const url = new URL(input);
    const asked = { path: url.pathname, query: Object.fromEntries(url.searchParams), init };
    this.asked.push(asked);
    const { status = 200, json, stream } = this.answer(asked);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.streams.push(controller);
        init.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
    return stream ? new Response(body, { status }) : Response.json(json ?? {}, { status });
  }) as typeof fetch;

  paths(): string[] {
    return this.asked.map(({ path }) => path);
  }

  say(...messages: Message[]): void {
    const text = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
    this.streams.at(-1)?.enqueue(new TextEncoder().encode(text));
  }
}

const usual = ({ path }: Asked): Answer => {
  if (path === "/events") return { stream: true };
  if (path === "/api/tickets") return { json: { ticket: "T1", expires_in: 30 } };
  if (path === "/api/channels") return { json: { channels: [{ name: "c" }] } };
  return {};
};

const opened = async (answer: (asked: Asked) => Answer = usual, token?: string, clientId?: string) => {
  const http = new FakeHttp(answer);
  const environment = Object.assign(new World(), { fetch: http.fetch });
  const messages: Message[] = [];
  const closed: [number, string][] = [];
  const link = sse(
    { root: "http://hub", token, clientId, tokenLater: false, environment },
    { message: (message) => messages.push(message), closed: (...why) => closed.push(why) },
  );
  const send = async (...commands: Command[]) => {
    link.send(commands);
    await settled();
  };
  await settled();
  return { http, messages, closed, link, send };
};

/** Streams take more turns than one. */
const settled = async () => {
  for (let n = 0; n < 10; n++) await rest();
};

test("it greets once the hub has taken the token", async () => {
  const { http, messages } = await opened(usual, "secret");
  assert.deepEqual(messages, [{ type: "connection", status: "connected", available_channels: ["c"] }]);
  assert.equal((http.asked[0]?.init.headers as Record<string, string>)["Authorization"], "Bearer secret");
});

test("channels of one turn come in one stream, with positions and a ticket", async () => {
  const { http, messages, send } = await opened(usual, "secret", "me");
  const since = { epoch: "e", offset: 4 };
  await send({ action: "subscribe", channel: "room:a", since, id: 1 }, { action: "subscribe", channel: "c", id: 2 });
  assert.deepEqual(http.paths(), ["/api/channels", "/api/tickets", "/events"]);
  assert.deepEqual(http.asked[2]?.query, { channels: "room:a,c", since: "room:a:e:4", client_id: "me", ticket: "T1" });
  assert.equal((http.asked[2]?.init.headers as Record<string, string>)["Authorization"], undefined);
  const reply = { type: "subscribe", channel: "room:a", status: "success", recovered: true, replayed: 0, epoch: "e", offset: 4 };
  http.say({ type: "connection", status: "connected" }, reply, publication(5, { channel: "room:a" }));
  await settled();
  assert.deepEqual(messages.slice(1), [{ ...reply, id: 1 }, publication(5, { channel: "room:a" })]);
});

test("a further channel opens the stream anew, behind what was seen", async () => {
  const { http, messages, send } = await opened();
  await send({ action: "subscribe", channel: "c", id: 1 });
  http.say({ type: "subscribe", channel: "c", epoch: "e", offset: 1 }, publication(2), publication(3));
  await settled();
  await send({ action: "subscribe", channel: "d", id: 2 });
  assert.deepEqual(http.asked.at(-1)?.query, { channels: "c,d", since: "c:e:3" });
  const seen = messages.length;
  http.say({ type: "subscribe", channel: "c", epoch: "e", offset: 4, recovered: true, replayed: 1 }, publication(4));
  await settled();
  assert.deepEqual(messages.slice(seen), [publication(4)], "the answer for c was given before");
});

test("what a new stream can't recover is a gap", async () => {
  const { http, messages, send } = await opened();
  await send({ action: "subscribe", channel: "c", id: 1 });
  http.say({ type: "subscribe", channel: "c", epoch: "e", offset: 1 });
  await settled();
  await send({ action: "subscribe", channel: "d", id: 2 });
  const seen = messages.length;
  http.say({ type: "subscribe", channel: "c", epoch: "f", offset: 9, recovered: false, replayed: 1 }, publication(9, { epoch: "f" }));
  await settled();
  const gap = { type: "gap", channel: "c", epoch: "f", offset: 8 };
  assert.deepEqual(messages.slice(seen), [gap, publication(9, { epoch: "f" })]);
});

test("a second subscribe is answered at once, and an unsubscribe opens a smaller stream", async () => {
  const { http, messages, send } = await opened();
  await send({ action: "subscribe", channel: "c", id: 1 }, { action: "subscribe", channel: "d", id: 2 });
  http.say({ type: "subscribe", channel: "c", epoch: "e", offset: 1 }, { type: "subscribe", channel: "d" });
  await settled();
  await send({ action: "subscribe", channel: "c", id: 3 });
  assert.deepEqual(messages.at(-1), { type: "subscribe", channel: "c", status: "success", epoch: "e", offset: 1, id: 3 });
  await send({ action: "unsubscribe", channel: "d", id: 4 });
  assert.deepEqual(http.asked.at(-1)?.query, { channels: "c", since: "c:e:1" });
});

test("one bad channel doesn't spoil the others", async () => {
  const { http, messages, closed, send } = await opened((asked) =>
    asked.path === "/events" && asked.query["channels"]?.includes("bad")
      ? { status: 404, json: { error: { code: "unknown_channel", message: "Invalid channel: bad", temporary: false } } }
      : usual(asked),
  );
  const subscribe = (channel: string, id: number) => ({ action: "subscribe", channel, id });
  await send(subscribe("c", 1), subscribe("bad", 2), subscribe("d", 3));
  for (const channel of ["c", "d"]) {
    http.say({ type: "subscribe", channel: "c" }, { type: "subscribe", channel });
    await settled();
  }
  const answers = messages.filter(({ id }) => id !== undefined).map(({ id, type, code }) => [id, type, code]);
  assert.deepEqual(answers, [[1, "subscribe", undefined], [2, "error", "unknown_channel"], [3, "subscribe", undefined]]);
  assert.deepEqual(closed, []);
});

test("the stream's last word is the close; without one it is a loss", async () => {
  const told = await opened();
  await told.send({ action: "subscribe", channel: "c", id: 1 });
  told.http.say({ type: "close", code: 4501, reason: "the token has expired", reconnect: false });
  await settled();
  assert.deepEqual(told.closed, [[4501, "the token has expired"]]);
  const cut = await opened();
  await cut.send({ action: "subscribe", channel: "c", id: 1 });
  cut.http.streams.at(-1)?.close();
  await settled();
  assert.deepEqual(cut.closed.map(([code]) => code), [1006]);
});

test("a refused token closes for good, a hub that is away doesn't", async () => {
  const refused = await opened(() => ({ status: 401, json: { error: { code: "invalid_token", message: "expired", temporary: false } } }), "t");
  assert.deepEqual(refused.closed, [[4500, "expired"]]);
  const away = await opened(() => ({ status: 503, json: {} }));
  assert.deepEqual(away.closed.map(([code]) => code), [1006]);
});

test("commands are requests of their own", async () => {
  const { http, messages, send } = await opened(
    (asked) => (asked.path === "/api/publish" ? { json: { channel: "c", epoch: "e", offset: 1 } } : usual(asked)),
    undefined,
    "me",
  );
  await send({ action: "publish", channel: "c", type: "t", data: 1, idempotency_key: "k", echo: false, id: 1 });
  assert.deepEqual(JSON.parse(String(http.asked.at(-1)?.init.body)), {
    channel: "c", type: "t", data: 1, idempotency_key: "k", except: "me",
  });
  assert.deepEqual(messages.at(-1), { type: "publish", status: "success", results: [{ channel: "c", epoch: "e", offset: 1 }], id: 1 });
  await send({ action: "history", channel: "room:a", since: { epoch: "e", offset: 3 }, limit: 7, reverse: true, id: 2 });
  const { path, query } = http.asked.at(-1)!;
  assert.deepEqual([path, query], ["/api/channels/room%3Aa/history", { since: "e:3", limit: "7", reverse: "true" }]);
  await send({ action: "presence", channel: "c", members: false, id: 3 }, { action: "stats", id: 4 }, { action: "ping", id: 5 });
  assert.deepEqual(messages.slice(-3).map(({ type }) => type).sort(), ["pong", "presence_state", "stats"]);
});

test("signs of life are passed on", async () => {
  const { http, messages, send } = await opened();
  await send({ action: "subscribe", channel: "c", id: 1 });
  http.streams.at(-1)?.enqueue(new TextEncoder().encode(": heartbeat\n\n"));
  await settled();
  assert.deepEqual(messages.at(-1), { type: "heartbeat" });
});

test("a new token opens the stream anew", async () => {
  const { http, send, link } = await opened(usual, "old");
  await send({ action: "subscribe", channel: "c", id: 1 });
  await send({ action: "refresh", token: "new", id: 2 });
  const tickets = http.asked.filter(({ path }) => path === "/api/tickets");
  assert.deepEqual(tickets.map(({ init }) => (init.headers as Record<string, string>)["Authorization"]), ["Bearer old", "Bearer new"]);
  link.close();
});
