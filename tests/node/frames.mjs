// Asks a server for messages of given sizes, all in one write and then one by one, and prints what came.
//
//   node frames.mjs URL ORDERS DEFLATE      ORDERS: JSON, a list of [opcode, size]; DEFLATE: yes or no
//
// Prints {"extensions": ..., "messages": [[opcode, base64], ...]}.

import WebSocket from "ws";

const [url, orders, deflate] = process.argv.slice(2);
const wanted = JSON.parse(orders);
const messages = [];

const stuck = setTimeout(() => {
  console.error(`stuck after ${messages.length} messages`);
  process.exit(2);
}, 30_000);

const socket = new WebSocket(url, { perMessageDeflate: deflate === "yes", maxPayload: 0 });

socket.on("open", () => socket.send(orders));

socket.on("message", (data, isBinary) => {
  messages.push([isBinary ? 2 : 1, data.toString("base64")]);
  const next = messages.length - wanted.length;
  if (next >= wanted.length) socket.close(1000);
  else if (next >= 0) socket.send(JSON.stringify([wanted[next]]));
});

socket.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});

socket.on("close", (code) => {
  clearTimeout(stuck);
  if (code !== 1000) process.exit(3);
  process.stdout.write(JSON.stringify({ extensions: socket.extensions, messages }));
});
