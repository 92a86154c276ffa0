/** Reading the feed: search, pause, clear, catching up, and what stands there when nothing does. */

import { byId, copy, make, setText } from "./dom.js";
import { Feed } from "./feed.js";
import { inspect, startInspector } from "./inspector.js";
import { List } from "./list.js";
import { count, plural, visible } from "./text.js";

const search = byId("search");
const filter = byId("filter");
const pause = byId("pause");
const fresh = byId("fresh");

export class Reader {
  feed = new Feed();
  #paused = false;
  #scheduled = false;
  #phase = "connecting";
  #subscribed = 0;

  /** @param {import("./channels.js").Channels} channels */
  constructor(channels) {
    this.channels = channels;
    const hue = (/** @type {string} */ name) => channels.all.get(name)?.hue ?? 0;
    const open = (/** @type {import("./feed.js").Entry | null} */ entry) => inspect(entry, entry ? hue(entry.channel) : 0);
    this.list = new List(byId("list"), byId("runway"), this.feed, { hue, open, scrolled: () => this.#hold() });
    startInspector(() => this.list.select(null));
    this.#listen();
  }

  #listen() {
    for (const field of [search, filter]) field.addEventListener("input", () => this.#search());
    pause.addEventListener("click", () => this.#pause(!this.#paused));
    fresh.addEventListener("click", () => this.#catchUp());
    byId("clear").addEventListener("click", () => this.clear());
    byId("empty-action").addEventListener("click", () => this.#unsearch());
    byId("empty-copy").addEventListener("click", () => copy(byId("empty-copy"), byId("empty-code").textContent));
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.focus();
    });
  }

  /** @param {import("./feed.js").Entry} entry */
  push(entry) {
    this.feed.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.draw();
    });
  }

  /** Whether a message of this channel is before the reader's eyes when it comes. @param {string} channel */
  sees(channel) {
    const shown = !this.feed.channel || this.feed.channel === channel;
    return shown && !this.feed.still && !document.hidden && byId("list").offsetParent !== null;
  }

  draw() {
    if (this.feed.dirty) this.feed.flush();
    this.list.draw();
    const { behind, view, held, searching, still } = this.feed;
    const shown = searching ? `${count(view.length)} of ${count(held)}` : plural(held, "message");
    setText(byId("feed-count"), held ? shown : "");
    fresh.hidden = !still || behind === 0;
    setText(fresh, this.#paused ? `Paused · ${count(behind)} new` : `↑ ${count(behind)} new`);
    this.#showEmpty();
  }

  clear() {
    this.feed.clear();
    this.list.select(null);
    this.draw();
  }

  #search() {
    this.feed.search(search.value, filter.value);
    this.list.toTop();
    this.draw();
  }

  #unsearch() {
    search.value = filter.value = "";
    this.#search();
  }

  /** @param {boolean} yes */
  #pause(yes) {
    this.#paused = yes;
    pause.setAttribute("aria-pressed", String(yes));
    setText(pause, yes ? "Resume" : "Pause");
    if (yes) {
      this.feed.flush();
      this.feed.freeze(true);
      this.draw();
    } else this.#catchUp();
  }

  #catchUp() {
    if (this.#paused) return this.#pause(false);
    this.feed.freeze(false);
    this.list.toTop();
    this.draw();
  }

  // Whoever scrolls down reads: the list stands still under them, and runs on when they are back at the top.
  #hold() {
    if (!this.#paused) this.feed.freeze(!this.list.atTop);
    this.draw();
  }

  /** @param {string} phase @param {number} subscribed */
  situation(phase, subscribed) {
    this.#phase = phase;
    this.#subscribed = subscribed;
    this.#showEmpty();
  }

  #showEmpty() {
    const place = byId("empty");
    place.hidden = this.feed.view.length > 0;
    if (place.hidden) return;
    const [title, text, action] = this.#emptiness();
    setText(byId("empty-title"), title);
    setText(byId("empty-text"), text);
    byId("empty-action").hidden = !action;
    setText(byId("empty-action"), action);
    const invite = this.#phase === "live" && !this.feed.searching && this.#subscribed > 0;
    byId("empty-sample").hidden = !invite;
    if (invite) setText(byId("empty-code"), sample());
  }

  /** @returns {[title: string, text: string, action: string]} */
  #emptiness() {
    if (this.#phase === "connecting") return ["Connecting", "Saying hello to the hub.", ""];
    if (this.#phase === "waiting") return ["No connection", "Messages will go on here when the hub is back.", ""];
    if (this.#phase === "signin") return ["Sign in to listen", "This hub shows its channels to those it knows.", ""];
    if (this.#phase === "closed") return ["Connection closed", "The hub doesn't want this connection back.", ""];
    if (this.feed.searching && this.feed.held) return ["Nothing matches", `${plural(this.feed.held, "message")} here, none like that.`, "Show all"];
    if (!this.#subscribed) return ["No channel chosen", "Choose a channel to hear what happens on it.", ""];
    return ["Listening", `Nothing has come on ${plural(this.#subscribed, "channel")} yet. Send something:`, ""];
  }

  /** Keeps the filter's choices at the channels that are known. */
  showFilter() {
    const names = [...this.channels.all.keys()];
    const old = [...filter.options].slice(1).map((option) => option.value);
    if (names.join("\n") === old.join("\n")) return;
    const chosen = filter.value;
    const options = names.map((name) => Object.assign(make("option", "", visible(name)), { value: name }));
    filter.replaceChildren(filter.options[0], ...options);
    filter.value = names.includes(chosen) ? chosen : "";
    if (filter.value !== chosen) this.#search();
  }
}

function sample() {
  const body = '{"channel":"system_alerts","type":"hello","data":{"from":"curl"}}';
  return `curl ${new URL("api/publish", document.baseURI)} -H 'Content-Type: application/json' -d '${body}'`;
}
