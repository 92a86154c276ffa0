// Reads flowcharts with Mermaid's own parser: a JSON list of texts on the standard input.
//
// Prints a JSON list: {"labels": {id: label}, "edges": [[from, to], ...]} or {"error": ...} for each.

import DOMPurify from "dompurify";

// What makes labels safe needs a browser's document; here they are only read.
DOMPurify.addHook = () => {};
DOMPurify.sanitize = (text) => text;

const { default: mermaid } = await import("mermaid");

// Labels are shown as HTML, in which an entity such as #40; stands for its sign.
const shown = (label) =>
  label.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(code)).replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code));

async function read(text) {
  try {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const labels = Object.fromEntries([...db.getVertices()].map(([id, vertex]) => [id, shown(vertex.text)]));
    return { labels, edges: db.getEdges().map((edge) => [edge.start, edge.end]) };
  } catch (error) {
    return { error: error.message };
  }
}

let input = "";
for await (const piece of process.stdin) input += piece;
const results = [];
for (const text of JSON.parse(input)) results.push(await read(text));
console.log(JSON.stringify(results));
