// A client under test: follows channels and writes one line of JSON for each thing that happens. Reads orders, one a line.
//
//     node follow.mjs '{"url": "http://127.0.0.1:8080", "channels": ["system_alerts"]}'
//
// Settings: `tokens` (given one after the other, the last for good), `transport` and `fallback` ("sse"), `native` (Node's own
// WebSocket), `since`, `loop` (read by `for await`), and all others of connect(). Orders: {"publish": [...arguments]},
// {"history": [...]}, {"presence": [...]}, {"stats": []}, {"subscribe": [...]}, {"close": []}.
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { connect } from "tocsin-client";
import { sse } from "tocsin-client/sse";

const { url, channels = [], tokens, transport, fallback, native, since, loop, ...more } = JSON.parse(process.argv[2]);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const known = (error) => ({ name: error.name, code: error.code, message: error.message, temporary: error.temporary });

let given = 0;
const hub = connect(url, {
  ...more,
  ...(native ? {} : { WebSocket }),
  ...(transport && { transport: sse }),
  ...(fallback && { fallback: sse }),
  ...(tokens && { token: async () => tokens[Math.min(given++, tokens.length - 1)] }),
});
hub.addEventListener("state", ({ detail }) => write({ state: detail.state, code: detail.code }));
hub.addEventListener("error", ({ detail }) => write({ error: known(detail) }));

const follow = async (channel, options = {}) => {
  const sub = hub.subscribe(channel, options);
  sub.addEventListener("gap", ({ detail }) => write({ gap: detail }));
  sub.addEventListener("error", ({ detail }) => write({ refused: known(detail) }));
  sub.addEventListener("presence", ({ detail }) => write({ presence: detail }));
  sub.ready().then(() => write({ ready: channel }), () => {});
  if (!loop) return sub.addEventListener("publication", ({ detail }) => write({ publication: detail }));
  for await (const publication of sub) write({ publication });
};
for (const channel of channels) follow(channel, since && { since });

const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  const [[order, parameters]] = Object.entries(JSON.parse(line));
  if (order === "close") return hub.close();
  if (order === "subscribe") return follow(...parameters);
  hub[order](...parameters).then((result) => write({ result }), (error) => write({ failure: known(error) }));
});
hub.addEventListener("state", ({ detail }) => detail.state === "closed" && setImmediate(() => process.stdin.destroy()));
