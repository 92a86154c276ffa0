// Follow channels with the JavaScript client: each publication once and in order, over any number of connections.
//
//     node examples/js_follow.mjs http://127.0.0.1:8080 system_alerts
//
// Needs the package `tocsin-client`, and in Node before 22 the package `ws`. TOCSIN_TOKEN is used if it is set.

import { connect } from "tocsin-client";

const [url, ...channels] = process.argv.slice(2);
const { WebSocket = (await import("ws")).WebSocket } = globalThis;

const hub = connect(url, { WebSocket, token: process.env.TOCSIN_TOKEN });
hub.addEventListener("state", ({ detail }) => console.error(detail.state, detail.reason ?? ""));
process.once("SIGINT", () => hub.close());

async function follow(channel) {
  for await (const message of hub.subscribe(channel)) {
    if (message.gap) console.log(JSON.stringify({ gap: message.gap }));
    console.log(JSON.stringify({ channel, type: message.type, data: message.data }));
  }
}

try {
  await Promise.all(channels.map(follow));
} catch (error) {
  console.error(error.code, error.message);
  process.exitCode = 1;
  hub.close();
}
