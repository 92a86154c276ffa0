// An unchanged socket.io-client: says what it hears as lines of JSON, and emits what it is told on standard input.
import { createInterface } from "node:readline";

import { io } from "socket.io-client";

const [url, options] = [process.argv[2], JSON.parse(process.argv[3] ?? "{}")];
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const since = {};
const auth = options.recover
  ? (give) => give({ channels: options.recover, since })
  : options.channels
    ? { channels: options.channels }
    : options.auth;
const socket = io(url, { reconnectionDelay: 100, ...options, auth });

socket.on("connect", () => say({ connect: socket.id, transport: socket.io.engine.transport.name }));
socket.on("connect_error", (error) => say({ refused: error.message, data: error.data }));
socket.on("disconnect", (reason) => say({ disconnect: reason }));
socket.io.engine?.on("upgrade", (transport) => say({ upgrade: transport.name }));
socket.io.on("open", () => socket.io.engine.on("upgrade", (transport) => say({ upgrade: transport.name })));
socket.onAny((name, ...args) => {
  const place = args[1];
  if (place?.offset !== undefined) since[place.channel] = { epoch: place.epoch, offset: place.offset };
  else if (name === "subscribe" && !since[args[0].channel])
    since[args[0].channel] = { epoch: args[0].epoch, offset: args[0].offset };
  say({ event: name, args });
});

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.emit) socket.emit(...order.emit, (answer) => say({ answer }));
  else if (order.leave) socket.disconnect();
}
