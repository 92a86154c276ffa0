// Chat with an agent: prints the answer as it grows, and how it ended.
//
//     node examples/js_agent_chat.mjs http://127.0.0.1:8080 SESSION @coder write a haiku
//
// Needs the packages of js_follow.mjs, and a user's token in TOCSIN_TOKEN.

import { connect } from "tocsin-client";
import { Chat } from "tocsin-client/chat";

const [url, id, ...words] = process.argv.slice(2);
const { WebSocket = (await import("ws")).WebSocket } = globalThis;

const hub = connect(url, { WebSocket, token: process.env.TOCSIN_TOKEN });
const session = hub.subscribe(`session:${id}`);
await session.ready();
const events = session[Symbol.asyncIterator](); // from here on nothing is missed
const { run } = await new Chat(hub).sendMessage(id, words.join(" "));
for await (const { type, data } of events) {
  if (data.run_id !== run.id) continue;
  if (type === "MESSAGE_DELTA") process.stdout.write(data.text);
  if (["TASK_COMPLETED", "TASK_CANCELLED", "ERROR"].includes(type)) break;
}
console.log();
hub.close();
