// `ws` on Node: a loop over `wss.clients`, as its README shows for a broadcast.
"use strict";
const http = require("node:http");
const { WebSocket, WebSocketServer } = require("ws");

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const message = Buffer.concat(parts);
    for (const client of wss.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(message, { binary: false });
    }
    response.setHeader("Content-Length", 2);
    response.end("ok");
  });
});
const wss = new WebSocketServer({ server, perMessageDeflate: false });

server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
