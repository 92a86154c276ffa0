/** The channel picker: what the hub offers, how busy each channel is, and a field for any other. */

import { BUCKETS } from "./channels.js";
import { byId, make, setError, setText } from "./dom.js";
import { brief, count, visible } from "./text.js";
import { bars } from "./sparkline.js";

const list = byId("channels");
const field = byId("add-name");
const place = byId("add-error");

/** @typedef {import("./channels.js").Channel} Channel */

/** A channel's line. */
class Line {
  element = make("li", "channel");
  #button = make("button", "toggle");
  #name = make("span", "channel-name");
  #unread = make("span", "badge");
  #rate = make("span", "pace");
  #subscribers = make("span", "subscribers");
  #error = make("p", "error");
  #bars = bars(BUCKETS);

  /** @param {Channel} channel @param {() => void} toggle */
  constructor(channel, toggle) {
    this.#button.setAttribute("type", "button");
    this.#button.append(make("i", "dot"), this.#name, this.#unread, this.#bars.element, this.#rate, this.#subscribers);
    this.#button.addEventListener("click", toggle);
    this.#name.textContent = visible(channel.name);
    this.element.style.setProperty("--hue", String(channel.hue));
    this.element.append(this.#button, this.#error);
  }

  /** @param {Channel} channel */
  show(channel) {
    const on = channel.state === "on" || channel.state === "pending";
    this.element.dataset.state = channel.state;
    this.#button.setAttribute("aria-pressed", String(on));
    this.#button.title = on ? `Unsubscribe from ${visible(channel.name)}` : `Subscribe to ${visible(channel.name)}`;
    setText(this.#unread, channel.unread > 999 ? "999+" : String(channel.unread));
    this.#unread.hidden = channel.unread === 0;
    const pace = channel.buckets.slice(-3).reduce((sum, n) => sum + n, 0) / 3;
    setText(this.#rate, on && pace >= 1 ? `${brief(Math.round(pace))}/s` : "");
    this.#bars.show(on ? channel.buckets : []);
    setText(this.#subscribers, channel.subscribers < 0 ? "" : count(channel.subscribers));
    this.#subscribers.title = channel.subscribers < 0 ? "" : `${count(channel.subscribers)} subscribed`;
    setText(this.#error, visible(channel.error));
  }
}

/** @type {Map<Channel, Line>} */
const lines = new Map();

/** @param {import("./channels.js").Channels} channels @param {() => void} changed */
export function startPicker(channels, changed) {
  byId("add").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = field.value.trim();
    setError(field, place, name ? "" : "Name a channel first");
    if (!name) return field.focus();
    try {
      await channels.subscribe(name);
      field.value = "";
    } catch (error) {
      setError(field, place, visible(error instanceof Error ? error.message : String(error)));
    }
    changed();
  });
  field.addEventListener("input", () => setError(field, place, ""));
}

/** Draws the picker; called once per second and on every change. @param {import("./channels.js").Channels} channels @param {() => void} changed */
export function showPicker(channels, changed) {
  const known = new Set(channels.all.values());
  for (const [channel, line] of lines) {
    if (known.has(channel)) continue;
    line.element.remove();
    lines.delete(channel);
  }
  let subscribed = 0;
  for (const channel of known) {
    let line = lines.get(channel);
    if (!line) {
      line = new Line(channel, () => void toggle(channels, channel, changed));
      lines.set(channel, line);
      list.append(line.element);
    }
    line.show(channel);
    if (channel.state === "on") subscribed += 1;
  }
  setText(byId("channel-count"), known.size ? `${subscribed} of ${known.size}` : "");
}

/** @param {import("./channels.js").Channels} channels @param {Channel} channel @param {() => void} changed */
async function toggle(channels, channel, changed) {
  const on = channel.state === "on" || channel.state === "pending";
  const done = on ? channels.unsubscribe(channel.name) : channels.subscribe(channel.name).catch(() => undefined);
  changed();
  await done;
  changed();
}
