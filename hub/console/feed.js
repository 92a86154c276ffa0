/** The messages held in memory: the newest thousand, the search over them, and the moment at which reading was paused. */

import { compact, glance, parse } from "./json.js";

const MOST = 1000;
const MOST_CHARS = 32_000_000;
const SEARCHED = 20_000;

/** One publication. The frame is kept as it came and read only when it is looked at. */
export class Message {
  /** @type {string | null} */ #searched = null;
  /** @param {any} message @param {string} frame */
  constructor(message, frame) {
    /** @type {"message" | "gap" | "note"} */ this.kind = "message";
    this.serial = 0;
    this.channel = String(message.channel);
    this.type = String(message.type);
    this.timestamp = String(message.timestamp);
    this.epoch = message.epoch;
    this.offset = message.offset;
    this.key = message.key;
    this.frame = frame;
  }

  get data() {
    return parse(this.frame).data;
  }

  get preview() {
    return glance(this.data);
  }

  /** What a search looks at: channel, type and compact JSON, cut where nobody looks any more. */
  get searched() {
    return (this.#searched ??= `${this.channel} ${this.type} ${compact(this.data).slice(0, SEARCHED)}`.toLowerCase());
  }
}

/** A line of the page's own between messages: something is missing, or was recovered. */
export class Mark {
  /** @param {"gap" | "note"} kind @param {string} channel @param {string} text */
  constructor(kind, channel, text) {
    this.kind = kind;
    this.serial = 0;
    this.channel = channel;
    this.type = "";
    this.timestamp = new Date().toISOString();
    this.frame = "";
    this.preview = text;
    this.searched = `${channel} ${text}`.toLowerCase();
  }
}

/** @typedef {Message | Mark} Entry */

export class Feed {
  /** @type {Entry[]} all that is held, oldest first */ #all = [];
  /** @type {Entry[]} arrived since the last frame */ #pending = [];
  /** @type {Entry[] | null} what was held when reading stopped */ #still = null;
  /** @type {Entry[]} what passes the search, oldest first */ view = [];
  /** How many entries have left the view at its old end: makes `dropped + index` a lasting number. */ dropped = 0;
  /** Messages that match and came since reading stopped. */ behind = 0;
  #chars = 0;
  #serial = 0;
  total = 0;
  #words = "";
  #channel = "";

  /** @param {Entry} entry */
  push(entry) {
    this.#pending.push(entry);
    if (this.#pending.length >= 2 * MOST) this.flush(); // a hidden page draws no frames
  }

  get dirty() {
    return this.#pending.length > 0;
  }

  get held() {
    return this.#all.length;
  }

  get still() {
    return this.#still !== null;
  }

  get searching() {
    return this.#words !== "" || this.#channel !== "";
  }

  get channel() {
    return this.#channel;
  }

  /** Takes in what arrived; once per frame. */
  flush() {
    const arrived = this.#pending;
    this.#pending = [];
    for (const entry of arrived) {
      entry.serial = ++this.#serial;
      this.#chars += entry.frame.length;
      if (entry.kind === "message") this.total += 1;
    }
    this.#all.push(...arrived);
    this.#trim();
    const matching = this.searching ? arrived.filter((entry) => this.#matches(entry)) : arrived;
    if (this.#still) this.behind += matching.length;
    else this.#extend(matching);
  }

  #trim() {
    let cut = Math.max(0, this.#all.length - MOST);
    for (let i = 0; i < cut; i += 1) this.#chars -= this.#all[i].frame.length;
    while (this.#chars > MOST_CHARS && cut < this.#all.length - 1) this.#chars -= this.#all[cut++].frame.length;
    this.#all.splice(0, cut);
  }

  /** @param {Entry[]} matching */
  #extend(matching) {
    this.view.push(...matching);
    const oldest = this.#all.length ? this.#all[0].serial : Infinity;
    let cut = 0;
    while (cut < this.view.length && this.view[cut].serial < oldest) cut += 1;
    this.view.splice(0, cut);
    this.dropped += cut;
  }

  /** @param {Entry} entry */
  #matches(entry) {
    if (this.#channel && entry.channel !== this.#channel) return false;
    return !this.#words || entry.searched.includes(this.#words);
  }

  #select() {
    const source = this.#still ?? this.#all;
    this.view = this.searching ? source.filter((entry) => this.#matches(entry)) : [...source];
    this.dropped = 0;
  }

  /** @param {string} words @param {string} channel empty for all */
  search(words, channel) {
    this.#words = words.trim().toLowerCase();
    this.#channel = channel;
    this.#select();
  }

  /** Stops the view where it is, or lets it catch up; what arrives meanwhile is held and counted. @param {boolean} yes */
  freeze(yes) {
    if (yes === this.still) return;
    this.#still = yes ? [...this.#all] : null;
    this.behind = 0;
    this.#select();
  }

  clear() {
    this.#all = [];
    this.#pending = [];
    this.#chars = 0;
    this.behind = 0;
    if (this.#still) this.#still = [];
    this.#select();
  }
}
