// Many unchanged socket.io-clients in one program, by polling, by WebSocket and from the one to the other; every second
// one says its position itself, the others leave that to the client. Each line on standard input is answered with what
// each has heard: "tick" must come with 1, 2, 3...
import { createInterface } from "node:readline";

import { io } from "socket.io-client";

const [url, channel, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const ways = [["polling"], ["websocket"], ["polling", "websocket"]];

const clients = Array.from({ length: count }, (_, index) => {
  const heard = { way: ways[index % 3].join("-"), last: 0, wrong: [], connects: 0, drops: 0 };
  const take = ({ data: number }) => {
    if (number !== heard.last + 1) heard.wrong.push([heard.last, number]);
    heard.last = number;
  };
  const since = {};
  const says = index % 2 === 1;
  const auth = says ? (give) => give({ channels: [channel], since }) : {};
  const patience = { reconnectionDelay: 50, reconnectionDelayMax: 300 };
  const socket = io(url, { transports: ways[index % 3], auth, forceNew: true, ...patience });
  socket.on("connect", () => (heard.connects += 1));
  socket.on("disconnect", () => (heard.drops += 1));
  if (says) {
    socket.on("subscribe", ({ epoch, offset }) => (since[channel] ??= { epoch, offset }));
    socket.on("message", (publication) => {
      since[channel] = { epoch: publication.epoch, offset: publication.offset };
      take(publication);
    });
  } else {
    socket.on("tick", (data) => take({ data }));
  }
  return heard;
});

for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify({ clients })}\n`);
