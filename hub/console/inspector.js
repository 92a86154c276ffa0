/** One message in full. It stays while the list runs on, and even when the message has left the list. */

import { byId, copy, setText } from "./dom.js";
import { paint, pretty } from "./json.js";
import { size, visible } from "./text.js";

const place = byId("inspector");
const copyButton = byId("inspector-copy");
let text = "";

/** @param {() => void} closed */
export function startInspector(closed) {
  byId("inspector-close").addEventListener("click", closed);
  copyButton.addEventListener("click", () => copy(copyButton, text));
}

/** @param {import("./feed.js").Entry | null} entry @param {number} hue */
export function inspect(entry, hue) {
  place.hidden = !entry || !("data" in entry);
  if (!entry || !("data" in entry)) return;
  text = pretty(entry.data);
  place.style.setProperty("--hue", String(hue));
  setText(byId("inspector-channel"), visible(entry.channel));
  setText(byId("inspector-type"), visible(entry.type));
  const position = typeof entry.offset === "number" ? `${entry.epoch}:${entry.offset} · ` : "";
  setText(byId("inspector-meta"), visible(`${position}${entry.timestamp} · ${size(entry.frame.length)}`));
  paint(byId("inspector-data"), text);
  byId("inspector-data").scrollTop = 0;
}
