/** The system strip: the newest `system_stats` of each of the hub's processes, shown as one hub. */

import { byId, make, setText } from "./dom.js";
import { Nodes } from "./nodes.js";
import { sparkline } from "./sparkline.js";
import { brief, count, duration, plural, visible } from "./text.js";

const SAMPLES = 40;

/** @typedef {(nodes: Nodes, name: string) => number} Reading */

const total = /** @type {Reading} */ ((nodes, name) => nodes.total(name));
const risen = /** @type {Reading} */ ((nodes, name) => nodes.risen(name));
const mean = /** @type {Reading} */ ((nodes, name) => nodes.mean(name, "total_requests"));
const oldest = /** @type {Reading} */ ((nodes, name) => nodes.most(name));

/** name in the data, label, unit, how it reads, the hub's number out of its processes', and what the line shows of it */
const TILES = /** @type {[string, string, string, (n: number) => string, Reading, Reading][]} */ ([
  ["total_requests", "Requests", "", whole, total, risen],
  ["successful_requests", "Succeeded", "", whole, total, risen],
  ["failed_requests", "Failed", "", whole, total, risen],
  ["avg_response_time", "Response time", "ms", brief, mean, mean],
  ["active_connections", "Connections", "", whole, total, total],
  ["memory_usage", "Memory", "MB", brief, total, total],
  ["cpu_usage", "CPU", "%", brief, total, total],
  ["uptime", "Uptime", "", duration, oldest, oldest],
]);

/** @param {number} value */
function whole(value) {
  return value < 1e7 ? count(Math.round(value)) : brief(value);
}

/** One number with its label and line. */
class Tile {
  element = make("div", "tile");
  #value = make("span", "value", "–");
  #unit;
  #line = sparkline(SAMPLES);
  /** @type {number[]} */ #samples = [];
  #sampled = false;

  /** @param {typeof TILES[number]} tile */
  constructor([name, label, unit, read, value, sample]) {
    this.name = name;
    this.read = read;
    this.value = value;
    this.sample = sample;
    this.#unit = make("span", "unit", unit);
    this.#unit.hidden = true;
    const shown = make("dd");
    shown.append(this.#value, this.#unit);
    this.element.dataset.stat = name;
    this.element.append(make("dt", "", label), shown);
    if (name !== "uptime") this.element.append(this.#line.element);
  }

  /** @param {Nodes} nodes */
  show(nodes) {
    const value = this.value(nodes, this.name);
    const known = !Number.isNaN(value);
    setText(this.#value, known ? this.read(value) : "–");
    this.#unit.hidden = !known;
    this.element.toggleAttribute("data-bad", this.name === "failed_requests" && risen(nodes, this.name) > 0);
  }

  /** One sample a round: each process that speaks in it makes it more exact. @param {Nodes} nodes @param {boolean} round a new one */
  add(nodes, round) {
    if (round) this.#sampled = false;
    const sample = this.sample(nodes, this.name);
    if (Number.isNaN(sample)) return; // the first of a count has nothing to rise from
    if (this.#sampled) this.#samples.pop();
    this.#samples.push(sample);
    this.#sampled = true;
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#line.show(this.#samples);
  }
}

const strip = byId("system");
const processes = byId("system-nodes");
const tiles = TILES.map((tile) => new Tile(tile));
const nodes = new Nodes();

/** @param {() => void} subscribe */
export function startSystem(subscribe) {
  byId("system-tiles").append(...tiles.map((tile) => tile.element));
  byId("system-subscribe").addEventListener("click", subscribe);
}

/** @param {any} message a `system_stats` of one process */
export function systemStats(message) {
  if (typeof message.data !== "object" || message.data === null) return;
  const round = nodes.take(message.data, Date.parse(message.timestamp) || Date.now(), message.epoch);
  for (const tile of tiles) tile.add(nodes, round);
  draw();
}

/** What the hub's answer to `stats` says of its processes; only operators are told. @param {any} stats */
export function systemNodes(stats) {
  if (!Array.isArray(stats?.nodes) || stats.partial === true) return;
  nodes.confirm(new Set(stats.nodes.map((/** @type {any} */ node) => String(node?.node))));
  draw();
}

function draw() {
  const { list } = nodes;
  for (const tile of tiles) tile.show(nodes);
  processes.hidden = list.length < 2;
  setText(processes, plural(list.length, "process", "processes"));
  processes.title = list.map(({ name, data }) => visible(`${name || "unnamed"}: ${about(data)}`)).join("\n");
}

/** @param {any} data */
function about(data) {
  const connections = typeof data.active_connections === "number" ? plural(data.active_connections, "connection") : "";
  const memory = typeof data.memory_usage === "number" ? `${brief(data.memory_usage)} MB` : "";
  const up = typeof data.uptime === "number" ? `up ${duration(data.uptime)}` : "";
  return [connections, memory, up].filter(Boolean).join(", ");
}

/** @param {boolean} live @param {import("./channels.js").ChannelState} state @param {number} serverNow */
export function showSystem(live, state, serverNow) {
  const age = nodes.at ? serverNow - nodes.at : 0;
  strip.dataset.fresh = String(nodes.at > 0 && live && state === "on" && age < nodes.stale);
  byId("system-subscribe").hidden = !live || state === "on" || state === "pending";
  setText(byId("system-status"), status(live, state, age));
}

/** @param {boolean} live @param {import("./channels.js").ChannelState} state @param {number} age */
function status(live, state, age) {
  if (nodes.at) return age < 2000 ? "Just now" : `${duration(age / 1000)} ago`;
  if (!live) return "Not connected";
  return state === "on" || state === "pending" ? "Waiting for system_stats" : "Not subscribed";
}
