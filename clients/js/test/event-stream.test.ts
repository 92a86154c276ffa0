import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOf } from "../src/event-stream.js";

const read = async (...chunks: string[]) => {
  const bytes = chunks.map((chunk) => Uint8Array.from(chunk, (letter) => letter.charCodeAt(0)));
  const events = [];
  for await (const event of eventsOf(new Blob(bytes).stream() as ReadableStream<Uint8Array>)) events.push(event);
  return events;
};

test("data of each event, whatever else the event has", async () => {
  assert.deepEqual(await read('retry: 3\n\nid: c:e:1\ndata: {"a":1}\n\nevent: x\ndata:{"b":2}\n\n'), ['{"a":1}', '{"b":2}']);
});

test("signs of life are told", async () => {
  assert.deepEqual(await read(": heartbeat\n\ndata: 1\n\n: heartbeat\n\n"), [undefined, "1", undefined]);
});

test("lines may end in CR LF, data may have several lines", async () => {
  assert.deepEqual(await read("data: [1,\r\ndata: 2]\r\n\r\n"), ["[1,\n2]"]);
});

test("chunks may be cut anywhere, also within a letter", async () => {
  const text = String.fromCharCode(...new TextEncoder().encode('data: "Zoë 🙂"\n\n'));
  assert.deepEqual(await read(...text), ['"Zoë 🙂"']);
});

test("what isn't complete at the end is dropped", async () => {
  assert.deepEqual(await read("data: 1\n\ndata: 2\n"), ["1"]);
});
