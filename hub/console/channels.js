/** The channels this page knows: which it wants, where it stands in each, and what it missed. */

import { Refused } from "./connection.js";

/** @typedef {{epoch: string, offset: number}} Position */
/** @typedef {"off" | "pending" | "on" | "failed"} ChannelState */

const KEY = "tocsin.channels";
const FIRST = "system_alerts";
const HUES = [255, 25, 150, 310, 75, 200, 350, 120, 45, 280, 175, 95];
export const BUCKETS = 20;

export class Channel {
  /** @type {ChannelState} */ state = "off";
  /** @type {Position | null} */ position = null;
  /** Up to this offset the hub replays what it has, with holes. */ replayTop = -1;
  subscribers = -1;
  unread = 0;
  recent = 0;
  error = "";
  /** Messages of each of the last seconds, oldest first. */ buckets = new Array(BUCKETS).fill(0);

  /** @param {string} name @param {number} hue @param {boolean} offered */
  constructor(name, hue, offered) {
    this.name = name;
    this.hue = hue;
    this.offered = offered;
  }

  /** One second has passed. */
  tick() {
    this.buckets.shift();
    this.buckets.push(this.recent);
    this.recent = 0;
  }

  /**
   * Moves the position on. A hole counts only where every offset is due: not in a replay after a gap that was told,
   * and not on a conflated channel, whose publications carry a key.
   * @param {any} message @returns {{fresh: boolean, missed: number, replayed: boolean}}
   */
  advance(message) {
    const { epoch, offset } = message;
    if (typeof offset !== "number") return { fresh: true, missed: 0, replayed: false };
    const last = this.position;
    const same = last !== null && last.epoch === epoch;
    if (!same) this.replayTop = -1;
    const replayed = same && offset <= this.replayTop;
    if (same && !replayed && offset <= last.offset) return { fresh: false, missed: 0, replayed };
    const missed = same && !replayed && message.key === undefined ? offset - last.offset - 1 : 0;
    this.position = { epoch, offset: replayed ? Math.max(last.offset, offset) : offset };
    return { fresh: true, missed, replayed };
  }

  /** Takes a position as seen: a publication was withheld from this client. @param {any} notice */
  withheld({ epoch, offset }) {
    const last = this.position;
    if (last && last.epoch === epoch && offset > last.offset) this.position = { epoch, offset };
  }

  /**
   * Goes on after a position; what came before it and didn't arrive is lost.
   * @param {Position} to @returns {string} what is lost, or nothing if all of it was seen
   */
  skip({ epoch, offset }) {
    const last = this.position;
    const same = last !== null && last.epoch === epoch;
    if (same && offset <= last.offset) return offset <= this.replayTop ? "messages may be missing here" : "";
    this.position = { epoch, offset };
    this.replayTop = -1;
    if (!same) return last ? "messages may be lost here; the channel began anew" : "messages may be lost here";
    return offset === last.offset + 1 ? `offset ${offset} is lost` : `offsets ${last.offset + 1} to ${offset} are lost`;
  }
}

export class Channels {
  /** @type {Map<string, Channel>} */ all = new Map();
  /** @type {Set<string>} */ wanted;
  gaps = 0;
  #hues = 0;

  /** @param {import("./connection.js").Connection} connection @param {(channel: string, kind: "gap" | "note", text: string) => void} mark */
  constructor(connection, mark) {
    this.connection = connection;
    this.mark = mark;
    this.wanted = new Set(recalled());
  }

  /** @param {string} name @returns {Channel} */
  get(name) {
    let channel = this.all.get(name);
    if (!channel) {
      channel = new Channel(name, HUES[this.#hues++ % HUES.length], false);
      this.all.set(name, channel);
    }
    return channel;
  }

  /** Takes what the hub offers, and subscribes to what was wanted, from where it was left. @param {string[]} names */
  async welcome(names) {
    for (const channel of this.all.values()) channel.offered = false;
    for (const name of names) this.get(name).offered = true;
    for (const name of this.wanted) this.get(name);
    for (const [name, channel] of this.all) if (channel.state === "off" && !channel.offered && !this.wanted.has(name)) this.all.delete(name);
    await Promise.all([...this.wanted].map((name) => this.subscribe(name).catch(() => undefined)));
  }

  /** The connection is gone, and every subscription with it. */
  ended() {
    for (const channel of this.all.values()) if (channel.state !== "off") channel.state = this.wanted.has(channel.name) ? "pending" : "off";
  }

  /** @param {string} name @returns {Promise<void>} fails with the hub's refusal */
  async subscribe(name) {
    const known = this.all.get(name);
    const since = known?.position;
    if (known) Object.assign(known, { state: "pending", error: "" });
    let reply;
    try {
      reply = await this.connection.request({ action: "subscribe", channel: name, since: since ?? { offset: 0 } });
    } catch (error) {
      this.#refused(name, error);
      throw error;
    }
    const channel = this.get(name);
    Object.assign(channel, { state: "on", error: "", subscribers: reply.subscribers ?? -1 });
    this.#want(name, true);
    if (since) this.#recovered(channel, reply);
    if (!since || reply.recovered !== true) this.#settle(channel, reply);
  }

  /** @param {string} name @param {unknown} error */
  #refused(name, error) {
    const channel = this.all.get(name);
    if (!channel || !(error instanceof Refused)) return;
    if (error.code === "closed") return; // the next connection asks again
    Object.assign(channel, { state: "failed", error: error.message });
    if (error.temporary) setTimeout(() => this.#retry(name), error.retryAfter);
    else this.#want(name, false);
  }

  /** @param {string} name */
  #retry(name) {
    const due = this.wanted.has(name) && this.all.get(name)?.state === "failed" && this.connection.state.phase === "live";
    if (due) this.subscribe(name).catch(() => undefined);
  }

  /** The position is the channel's top now; what comes below it is replay. @param {Channel} channel @param {any} reply */
  #settle(channel, reply) {
    const placed = typeof reply.offset === "number" && typeof reply.epoch === "string";
    channel.position = placed ? { epoch: reply.epoch, offset: reply.offset } : null;
    channel.replayTop = placed ? reply.offset : -1;
  }

  /** @param {Channel} channel @param {any} reply */
  #recovered(channel, reply) {
    const replayed = Number(reply.replayed) || 0;
    if (reply.recovered === true) {
      if (replayed) this.mark(channel.name, "note", `Recovered ${replayed} from while the connection was away`);
      return;
    }
    this.gaps += 1;
    const shown = replayed ? `; the hub still had ${replayed}` : "";
    this.mark(channel.name, "gap", `Gap: messages may be missing here${shown}`);
  }

  /** @param {string} name */
  async unsubscribe(name) {
    const channel = this.get(name);
    this.#want(name, false);
    this.#forget(channel);
    await this.connection.request({ action: "unsubscribe", channel: name }).catch(() => undefined);
  }

  /** The hub ended a subscription. @param {any} notice */
  revoked(notice) {
    const channel = this.all.get(notice.channel);
    if (!channel) return;
    this.#want(channel.name, false);
    Object.assign(channel, { state: "failed", error: String(notice.message ?? notice.code ?? "Ended by the hub"), position: null });
    this.mark(channel.name, "gap", `The hub ended this subscription: ${channel.error}`);
  }

  /** The hub can't deliver some publications any more. @param {any} notice */
  lost(notice) {
    const channel = this.all.get(notice.channel);
    if (channel?.state !== "on" || typeof notice.epoch !== "string" || typeof notice.offset !== "number") return;
    const what = channel.skip(notice);
    if (!what) return;
    this.gaps += 1;
    this.mark(channel.name, "gap", `Gap: ${what}`);
  }

  /** @param {Channel} channel */
  #forget(channel) {
    Object.assign(channel, { state: "off", position: null, replayTop: -1, unread: 0, error: "", recent: 0, buckets: new Array(BUCKETS).fill(0) });
    if (!channel.offered) this.all.delete(channel.name);
  }

  /** @param {any} message @returns {Channel | null} null when it was seen already, or isn't wanted any more */
  accept(message) {
    const channel = this.all.get(message.channel);
    if (!channel || channel.state !== "on") return null;
    const { fresh, missed, replayed } = channel.advance(message);
    if (!fresh) return null;
    if (missed > 0) {
      this.gaps += 1;
      this.mark(channel.name, "gap", `Gap: ${missed} missing here, from offset ${message.offset - missed}`);
    }
    if (!replayed) channel.recent += 1;
    return channel;
  }

  /** @param {any} stats */
  counted(stats) {
    for (const channel of this.all.values()) {
      const subscribers = stats?.channel_stats?.[channel.name];
      channel.subscribers = typeof subscribers === "number" ? subscribers : channel.offered || channel.state === "on" ? 0 : -1;
    }
  }

  /** Another person may be here now: nothing of the last one's positions is kept. */
  reset() {
    this.all.clear();
    this.#hues = 0;
    this.wanted = new Set([FIRST]);
    remember(this.wanted);
  }

  /** @param {string} name @param {boolean} yes */
  #want(name, yes) {
    if (yes) this.wanted.add(name);
    else this.wanted.delete(name);
    remember(this.wanted);
  }
}

/** @returns {string[]} */
function recalled() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? [FIRST];
  } catch {
    return [FIRST];
  }
}

/** @param {Set<string>} names */
function remember(names) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...names]));
  } catch {
    // the choice then lasts as long as the page
  }
}
