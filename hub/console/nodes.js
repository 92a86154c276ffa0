/** The newest `system_stats` of each of the hub's processes, and what they say together. */

const UNKNOWN = 120_000;
const MOST = 256; // any publisher of the channel may name nodes

/** @typedef {{name: string, data: any, at: number, stale: number, epoch: unknown, listed: boolean}} Node */

/** A node is stale after four of its own intervals. @param {number} interval in milliseconds */
const staleness = (interval) => (interval > 0 ? Math.min(900_000, Math.max(10_000, 4 * interval)) : UNKNOWN);

/** @param {any} value @returns {number} NaN for what isn't there */
const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : NaN);

/** @param {number[]} values @returns {number} NaN without any */
const sum = (values) => (values.length ? values.reduce((total, value) => total + value, 0) : NaN);

/** Sets, and puts it last. @template T @param {Map<string, T>} map @param {string} key @param {T} value */
function renew(map, key, value) {
  map.delete(key);
  map.set(key, value);
}

export class Nodes {
  /** @type {Map<string, Node>} who spoke last is the last */ #all = new Map();
  /** @type {Map<string, any>} the message before the newest, of those who had one */ #before = new Map();
  /** @type {Map<string, number>} when each spoke last, those that were dropped among them: intervals may be longer than `UNKNOWN` */
  #spoke = new Map();
  /** @type {Set<string>} in this round */ #heard = new Set();
  /** When the newest was published, and after how long it is stale; in milliseconds. */ at = 0;
  stale = UNKNOWN;

  /** @returns {Node[]} by name */
  get list() {
    return [...this.#all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Takes one process's message. A process of another name than before is another one, and what is older than its staleness, or
   * of another epoch of the channel, has ended.
   * @param {any} data @param {number} at @param {unknown} epoch
   * @returns {boolean} whether a new round begins: this process has spoken since the last one began
   */
  take(data, at, epoch) {
    const name = typeof data.node === "string" ? data.node : "";
    const last = this.#all.get(name);
    if (last) this.#before.set(name, last.data);
    this.at = at;
    this.stale = staleness(at - (this.#spoke.get(name) ?? at));
    renew(this.#all, name, { name, data, at, stale: this.stale, epoch, listed: last?.listed ?? false });
    renew(this.#spoke, name, at);
    for (const other of this.#all.values()) if (other.epoch !== epoch || at - other.at > other.stale) this.#drop(other);
    for (const other of this.#all.values()) if (this.#all.size > MOST) this.#drop(other);
    for (const other of this.#spoke.keys()) if (this.#spoke.size > MOST) this.#spoke.delete(other);
    const again = this.#heard.size === 0 || this.#heard.has(name);
    if (again) this.#heard.clear();
    this.#heard.add(name);
    return again;
  }

  /** Drops those that the hub listed once and lists no more; others may be another service's. @param {Set<string>} names */
  confirm(names) {
    for (const node of this.#all.values()) {
      if (names.has(node.name)) node.listed = true;
      else if (node.listed) this.#drop(node);
    }
  }

  /** @param {Node} node */
  #drop(node) {
    this.#all.delete(node.name);
    this.#before.delete(node.name);
  }

  /** @param {string} name @returns {number[]} of those that have it */
  #values(name) {
    return [...this.#all.values()].map((node) => number(node.data[name])).filter((value) => !Number.isNaN(value));
  }

  /** @param {string} name @returns {number} NaN when no process says it */
  total(name) {
    return sum(this.#values(name));
  }

  /** @param {string} name @returns {number} */
  most(name) {
    const values = this.#values(name);
    return values.length ? Math.max(...values) : NaN;
  }

  /** The mean weighted by another number; plain where all weigh nothing. @param {string} name @param {string} by @returns {number} */
  mean(name, by) {
    const known = [...this.#all.values()].filter((node) => !Number.isNaN(number(node.data[name])));
    const weights = known.map((node) => Math.max(0, number(node.data[by]) || 0));
    const whole = sum(weights);
    const flat = !(whole > 0);
    return sum(known.map((node, i) => node.data[name] * (flat ? 1 / known.length : weights[i] / whole)));
  }

  /**
   * How much a count has risen: each process's own last rise, so that none that comes or goes takes its whole count with it.
   * @param {string} name @returns {number} NaN while all spoke only once
   */
  risen(name) {
    const rises = [...this.#before].map(([node, before]) => number(this.#all.get(node)?.data[name]) - number(before[name]));
    return sum(rises.filter((rise) => !Number.isNaN(rise)).map((rise) => Math.max(0, rise)));
  }
}
