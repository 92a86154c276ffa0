// Socket.IO on Node with or without connection state recovery: node socketio_recovery.js PORT 1|0
"use strict";
const http = require("node:http");
const { Server } = require("socket.io");

const [port, recovery] = process.argv.slice(2);
const server = http.createServer();
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  serveClient: false,
  // Its default of two minutes is far longer than any client here is away.
  ...(recovery === "1" ? { connectionStateRecovery: {} } : {}),
});

server.on("request", (request, response) => {
  if (request.method !== "POST" || request.url !== "/publish") return;
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.emit("message", JSON.parse(Buffer.concat(parts).toString()));
    response.end("ok");
  });
});

server.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 });
