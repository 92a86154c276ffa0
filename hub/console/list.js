/** The windowed list: only the rows on the screen exist, and each is filled once. Newest first. */

import { make, setText } from "./dom.js";
import { timeOfDay, visible } from "./text.js";

const SPARE = 4;
const PREVIEW = 400;

/** @typedef {import("./feed.js").Entry} Entry */

/** One row on the screen, used again for another entry when it has scrolled away. */
class Row {
  /** @type {Entry | null} */ entry = null;
  element = make("div", "row");
  #time = make("time", "time");
  #dot = make("i", "dot");
  #channel = make("span", "channel-name");
  #type = make("span", "type");
  #data = make("span", "data");

  /** @param {number} index */
  constructor(index) {
    this.element.id = `row-${index}`;
    this.element.setAttribute("role", "option");
    const where = make("span", "where");
    where.append(this.#dot, this.#channel);
    this.element.append(this.#time, where, this.#type, this.#data);
  }

  /** @param {Entry} entry @param {number} hue */
  fill(entry, hue) {
    this.entry = entry;
    this.element.dataset.kind = entry.kind;
    this.element.style.setProperty("--hue", String(hue));
    setText(this.#time, timeOfDay(entry.timestamp));
    this.#time.title = visible(entry.timestamp);
    setText(this.#channel, visible(entry.channel));
    setText(this.#type, visible(entry.type));
    setText(this.#data, entry.preview.slice(0, PREVIEW));
  }
}

export class List {
  /** @type {Row[]} */ #rows = [];
  /** @type {Entry | null} */ selected = null;
  #height = 0;
  #row = 32;

  /**
   * @param {HTMLElement} box the scrolling element @param {HTMLElement} runway as tall as the whole list
   * @param {import("./feed.js").Feed} feed @param {{hue(channel: string): number, open(entry: Entry | null): void, scrolled(): void}} events
   */
  constructor(box, runway, feed, events) {
    this.box = box;
    this.runway = runway;
    this.feed = feed;
    this.events = events;
    box.addEventListener("scroll", () => events.scrolled(), { passive: true });
    box.addEventListener("keydown", (event) => this.#key(event));
    runway.addEventListener("pointerdown", (event) => this.#pick(event));
    new ResizeObserver(() => this.measure()).observe(box);
  }

  /** Reads the sizes that the style sheet gives for this width. */
  measure() {
    this.#height = this.box.clientHeight;
    this.#row = parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 32;
    this.draw();
  }

  get atTop() {
    return this.box.scrollTop < this.#row;
  }

  /** Puts every entry in view on a row. An entry keeps its row while it is in view, so new messages move rows, not text. */
  draw() {
    const { view, dropped } = this.feed;
    const top = Math.max(0, Math.floor(this.box.scrollTop / this.#row) - SPARE);
    const shown = Math.min(view.length - top, Math.ceil(this.#height / this.#row) + 2 * SPARE);
    this.runway.style.height = `${view.length * this.#row}px`;
    this.#provide(Math.ceil(this.#height / this.#row) + 2 * SPARE);
    const used = new Set();
    for (let i = top; i < top + shown; i += 1) {
      const index = view.length - 1 - i;
      const row = this.#rows[(dropped + index) % this.#rows.length];
      used.add(row);
      if (row.entry !== view[index]) row.fill(view[index], this.events.hue(view[index].channel));
      this.#place(row, i, view.length);
    }
    for (const row of this.#rows) if (!used.has(row)) row.element.hidden = true;
    const marked = this.#rows.find((row) => row.entry === this.selected && !row.element.hidden);
    if (marked && this.selected) this.box.setAttribute("aria-activedescendant", marked.element.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  /** @param {Row} row @param {number} position @param {number} size */
  #place(row, position, size) {
    const { element } = row;
    element.hidden = false;
    element.style.transform = `translateY(${position * this.#row}px)`;
    element.setAttribute("aria-posinset", String(position + 1));
    element.setAttribute("aria-setsize", String(size));
    element.setAttribute("aria-selected", String(row.entry === this.selected));
  }

  /** @param {number} count */
  #provide(count) {
    if (this.#rows.length >= count) return;
    while (this.#rows.length < count) this.#rows.push(new Row(this.#rows.length));
    this.runway.replaceChildren(...this.#rows.map((row) => row.element));
  }

  toTop() {
    this.box.scrollTop = 0;
    this.draw();
  }

  /** @param {Entry | null} entry */
  select(entry) {
    this.selected = entry;
    this.events.open(entry);
    this.measure(); // what opens takes its height from the list
    const index = entry ? this.feed.view.indexOf(entry) : -1;
    if (index >= 0) this.#reveal(this.feed.view.length - 1 - index);
  }

  /** @param {PointerEvent} event */
  #pick(event) {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const element = event.target.closest(".row");
    const row = this.#rows.find((one) => one.element === element);
    if (row?.entry?.kind === "message") this.select(row.entry === this.selected ? null : row.entry);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this.feed;
    const at = this.selected ? view.indexOf(this.selected) : -1;
    const page = Math.max(1, Math.floor(this.#height / this.#row) - 1);
    const steps = { ArrowDown: -1, ArrowUp: 1, PageDown: -page, PageUp: page, Home: view.length, End: -view.length };
    if (event.key === "Escape") this.select(null);
    else if (event.key in steps && view.length) {
      const step = steps[/** @type {keyof typeof steps} */ (event.key)];
      const next = at < 0 ? view.length - 1 : Math.min(view.length - 1, Math.max(0, at + step));
      this.select(view[next]);
      event.preventDefault();
    }
  }

  /** @param {number} position */
  #reveal(position) {
    const top = position * this.#row;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.#row > this.box.scrollTop + this.#height) this.box.scrollTop = top + this.#row - this.#height;
    this.draw();
  }
}
