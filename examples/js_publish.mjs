// Publish with the JavaScript client, once, however often the connection breaks meanwhile.
//
//     node examples/js_publish.mjs http://127.0.0.1:8080 deploys note '{"text": "Hello"}'
//
// Needs the packages of js_follow.mjs, and a token in TOCSIN_TOKEN that allows it.

import { connect, HubError } from "tocsin-client";

const [url, channel, type, data] = process.argv.slice(2);
const { WebSocket = (await import("ws")).WebSocket } = globalThis;
const hub = connect(url, { WebSocket, token: process.env.TOCSIN_TOKEN });

try {
  const idempotencyKey = crypto.randomUUID();
  const placed = await hub.publish(channel, type, JSON.parse(data), { idempotencyKey, timeout: 30_000 });
  console.log(JSON.stringify(placed));
} catch (error) {
  if (!(error instanceof HubError)) throw error;
  console.error(error.code, error.message);
  process.exitCode = error.temporary ? 75 : 1;
} finally {
  hub.close();
}
