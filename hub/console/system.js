/** The system strip: the last `system_stats` of the hub, as it said them. */

import { byId, make, setText } from "./dom.js";
import { sparkline } from "./sparkline.js";
import { brief, count, duration } from "./text.js";

const SAMPLES = 40;
const STALE = 120_000;

/** name in the data, label, unit, how it reads, whether it only rises (then the line shows the rise) */
const TILES = /** @type {[string, string, string, (n: number) => string, boolean][]} */ ([
  ["total_requests", "Requests", "", whole, true],
  ["successful_requests", "Succeeded", "", whole, true],
  ["failed_requests", "Failed", "", whole, true],
  ["avg_response_time", "Response time", "ms", brief, false],
  ["active_connections", "Connections", "", whole, false],
  ["memory_usage", "Memory", "MB", brief, false],
  ["cpu_usage", "CPU", "%", brief, false],
  ["uptime", "Uptime", "", duration, false],
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
  #last = NaN;

  /** @param {typeof TILES[number]} tile */
  constructor([name, label, unit, read, rises]) {
    this.name = name;
    this.read = read;
    this.rises = rises;
    this.#unit = make("span", "unit", unit);
    this.#unit.hidden = true;
    const value = make("dd");
    value.append(this.#value, this.#unit);
    this.element.dataset.stat = name;
    this.element.append(make("dt", "", label), value);
    if (name !== "uptime") this.element.append(this.#line.element);
  }

  /** @param {unknown} raw */
  show(raw) {
    const known = typeof raw === "number" && Number.isFinite(raw);
    setText(this.#value, known ? this.read(raw) : "–");
    this.#unit.hidden = !known;
    if (!known) return;
    this.element.toggleAttribute("data-bad", this.name === "failed_requests" && raw > this.#last);
    const sample = this.rises ? Math.max(0, raw - this.#last) : raw;
    this.#last = raw;
    if (Number.isNaN(sample)) return; // the first of a count has nothing to rise from
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#line.show(this.#samples);
  }
}

const strip = byId("system");
const tiles = TILES.map((tile) => new Tile(tile));
let at = 0;

/** @param {() => void} subscribe */
export function startSystem(subscribe) {
  byId("system-tiles").append(...tiles.map((tile) => tile.element));
  byId("system-subscribe").addEventListener("click", subscribe);
}

/** @param {any} data @param {string} timestamp */
export function systemStats(data, timestamp) {
  if (typeof data !== "object" || data === null) return;
  at = Date.parse(timestamp) || Date.now();
  for (const tile of tiles) tile.show(data[tile.name]);
}

/** @param {boolean} live @param {import("./channels.js").ChannelState} state @param {number} serverNow */
export function showSystem(live, state, serverNow) {
  const age = at ? serverNow - at : 0;
  strip.dataset.fresh = String(at > 0 && live && state === "on" && age < STALE);
  byId("system-subscribe").hidden = !live || state === "on" || state === "pending";
  setText(byId("system-status"), status(live, state, age));
}

/** @param {boolean} live @param {import("./channels.js").ChannelState} state @param {number} age */
function status(live, state, age) {
  if (at) return age < 2000 ? "Just now" : `${duration(age / 1000)} ago`;
  if (!live) return "Not connected";
  return state === "on" || state === "pending" ? "Waiting for system_stats" : "Not subscribed";
}
