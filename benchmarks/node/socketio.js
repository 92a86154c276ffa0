// Socket.IO on Node: one `io.emit`, which encodes the packet once.
"use strict";
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer();
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  serveClient: false,
  pingInterval: 3600 * 1000, // longer than any run
});

server.on("request", (request, response) => {
  if (request.method !== "POST" || request.url !== "/publish") return;
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.emit("message", JSON.parse(Buffer.concat(parts).toString()));
    response.setHeader("Content-Length", 2);
    response.end("ok");
  });
});

server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
