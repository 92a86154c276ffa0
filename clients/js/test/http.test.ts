import assert from "node:assert/strict";
import { test } from "node:test";
import { client, http, HubError, type HttpOptions } from "../src/http.js";
import { rest, World } from "./world.js";

/** A double of `fetch`: remembers what was asked, and answers as the test says or not at all. */
class FakeFetch {
  readonly asked: { readonly url: string; readonly init: RequestInit }[] = [];

  constructor(private readonly answer?: () => Response | Promise<Response>) {}

  readonly fetch = ((url: string, init: RequestInit) => {
    this.asked.push({ url, init });
    if (this.answer) return Promise.resolve().then(this.answer);
    return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)));
  }) as typeof fetch;

  get headers(): Record<string, string> {
    return this.asked.at(-1)?.init.headers as Record<string, string>;
  }
}

const opened = (answer?: () => Response | Promise<Response>, options: HttpOptions = {}) => {
  const fake = new FakeFetch(answer);
  const world = Object.assign(new World(), { fetch: fake.fetch });
  return { fake, world, hub: client("http://hub", options, world) };
};

const refused = async (asked: Promise<unknown>): Promise<HubError> => {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof HubError, String(error));
    return error;
  }
  throw new Error("expected a refusal");
};

test("placeholders, queries and bodies are encoded, and an answer is parsed", async () => {
  const { fake, hub } = opened(() => Response.json({ removed: 1 }));
  const answer = await hub.put("/api/channels/{channel}/members/{user}", {
    params: { channel: "room:a/b", user: 7 },
    query: { limit: 5, since: "e:3", reverse: true, none: undefined, nothing: null },
    body: { text: "ж" },
    headers: { "Idempotency-Key": "k" },
  });
  assert.deepEqual(answer, { removed: 1 });
  const [{ url, init } = assert.fail()] = fake.asked;
  assert.equal(url, "http://hub/api/channels/room%3Aa%2Fb/members/7?limit=5&since=e%3A3&reverse=true");
  assert.equal(init.method, "PUT");
  assert.equal(init.body, '{"text":"ж"}');
  assert.deepEqual(fake.headers, { Accept: "application/json", "Content-Type": "application/json", "Idempotency-Key": "k" });
});

test("a refusal is read in both of the hub's shapes", async () => {
  const said = { code: "invalid_data", temporary: false, errors: [{ path: "/name" }] };
  const json = (body: object, type = "application/json") => () => new Response(JSON.stringify(body), { status: 422, headers: { "Content-Type": type } });
  const problem = json({ type: "about:blank", title: "Invalid", status: 422, detail: "no name", ...said }, "application/problem+json");
  for (const answer of [problem, json({ error: { ...said, message: "no name" } })]) {
    const error = await refused(opened(answer).hub.patch("/my/agents/{id}", { params: { id: 1 }, body: {} }));
    assert.deepEqual([error.code, error.message, error.status, error.temporary], ["invalid_data", "no name", 422, false]);
    assert.deepEqual(error.reply?.["errors"], said.errors);
  }
});

test("no placeholder leads to another path", async () => {
  const { fake, hub } = opened(() => Response.json({}));
  for (const channel of ["..", ".", ""]) await assert.rejects(hub.delete("/api/channels/{channel}", { params: { channel } }), TypeError);
  await assert.rejects(hub.get("/api/channels/{channel}"), /expected a value for \{channel\}/);
  assert.equal(fake.asked.length, 0);
});

test("a token goes as a header; a function is asked for it each time", async () => {
  const tokens = ["one", "two"];
  const { fake, hub } = opened(() => Response.json({}), { token: async () => tokens.shift() ?? null });
  await hub.get("/api/stats");
  assert.equal(fake.headers["Authorization"], "Bearer one");
  await hub.get("/api/stats");
  assert.equal(fake.headers["Authorization"], "Bearer two");
  assert.equal((await refused(hub.get("/api/stats"))).code, "unauthenticated");
  assert.equal(fake.asked.length, 2, "without a token nothing is asked");
});

test("an answer may be text, or nothing", async () => {
  const texts = opened(() => new Response("up 1\n", { headers: { "Content-Type": "text/plain; version=0.0.4" } }));
  assert.equal(await texts.hub.get("/metrics"), "up 1\n");
  const nothing = opened(() => new Response(null, { status: 204 }));
  assert.equal(await nothing.hub.post("/api/session"), undefined);
});

test("a form goes as it is, and takes its time", async () => {
  const { fake, world, hub } = opened();
  const body = new FormData();
  const uploading = hub.post("/train", { body });
  await world.pass(1_000_000);
  assert.equal(fake.asked[0]?.init.body, body);
  assert.deepEqual(fake.headers, { Accept: "application/json" }, "the boundary is the browser's to name");
  const bounded = refused(hub.post("/train", { body, timeout: 5 }));
  await world.pass(5);
  assert.equal((await bounded).code, "timeout");
  void uploading.catch(() => {});
});

test("a refusal is the hub's own, with all that it said", async () => {
  const error = { code: "rate_limited", message: "slower", temporary: true, retry_after: 1.5, path: "/data" };
  const { hub } = opened(() => Response.json({ error }, { status: 429 }));
  const { code, message, temporary, retryAfter, status, reply } = await refused(hub.get("/api/stats"));
  assert.deepEqual([code, message, temporary, retryAfter, status], ["rate_limited", "slower", true, 1500, 429]);
  assert.equal(reply?.["path"], "/data");
});

test("a refusal of what stands between is told by its status", async () => {
  const busy = opened(() => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  const { code, temporary, status } = await refused(busy.hub.get("/api/stats"));
  assert.deepEqual([code, temporary, status], ["internal", true, 502]);
  const empty = opened(() => Response.json(null, { status: 418 }));
  assert.equal((await refused(empty.hub.get("/api/stats"))).temporary, false);
});

test("a network that fails is a temporary refusal, as is an answer that breaks off", async () => {
  const { hub } = opened(() => Promise.reject(new TypeError("fetch failed")));
  const error = await refused(hub.get("/api/stats"));
  assert.deepEqual([error.code, error.temporary, error.message], ["disconnected", true, "no answer to GET /api/stats: fetch failed"]);
  assert.ok(error.cause instanceof TypeError);
  const cut = opened(() => new Response('{"nodes": [', { headers: { "Content-Type": "application/json" } }));
  assert.equal((await refused(cut.hub.get("/api/stats"))).code, "disconnected");
});

test("what takes too long is ended", async () => {
  const { fake, world, hub } = opened(undefined, { timeout: 50 });
  const error = refused(hub.get("/api/stats"));
  await world.pass(50);
  assert.deepEqual([(await error).code, (await error).temporary], ["timeout", true]);
  assert.equal(fake.asked[0]?.init.signal?.aborted, true);
  assert.equal(world.pending, 0);
});

test("the caller may end it, with its own reason", async () => {
  const { fake, world, hub } = opened();
  const caller = new AbortController();
  const asked = hub.get("/api/stats", { signal: caller.signal });
  await rest();
  const reason = new Error("another page");
  caller.abort(reason);
  await assert.rejects(asked, reason);
  assert.equal(fake.asked[0]?.init.signal?.aborted, true);
  await assert.rejects(hub.get("/api/stats", { signal: caller.signal }), reason);
  assert.equal(fake.asked.length, 1, "what is ended before it begins isn't asked");
  assert.equal(world.pending, 0);
});

test("the address is taken as by connect", async () => {
  const fake = new FakeFetch(() => Response.json({}));
  await http("wss://hub/prefix/ws", { fetch: fake.fetch }).get("/api/stats");
  assert.equal(fake.asked[0]?.url, "https://hub/prefix/api/stats");
  assert.throws(() => http("ftp://hub"), TypeError);
});
