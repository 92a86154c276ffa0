/** The publish form: checks the JSON here, sends it over HTTP, and shows what the hub said. */

import { byId, make, setError, setText } from "./dom.js";
import { parse } from "./json.js";
import { plural, size, visible } from "./text.js";

const channel = byId("publish-channel");
const type = byId("publish-type");
const data = byId("publish-data");
const send = byId("publish-send");
const result = byId("publish-result");
const WITHIN = 15_000;

/** @param {string} text @returns {string} what is wrong with it, or nothing */
function wrong(text) {
  if (!text.trim()) return "Data is any JSON value, {} for instance";
  try {
    parse(text);
    return "";
  } catch (error) {
    return visible(/** @type {SyntaxError} */ (error).message.replaceAll("\n", " "));
  }
}

function check() {
  setError(channel, byId("publish-channel-error"), channel.value.trim() ? "" : "Which channel?");
  setError(type, byId("publish-type-error"), type.value ? "" : "Which type of message?");
  setError(data, byId("publish-data-error"), wrong(data.value));
  const bad = [channel, type, data].find((field) => field.hasAttribute("aria-invalid"));
  bad?.focus();
  return !bad;
}

/** @param {"good" | "late" | "bad" | ""} kind @param {string} title @param {string} [detail] */
function tell(kind, title, detail = "") {
  result.dataset.kind = kind;
  result.replaceChildren(...(title ? [make("strong", "", title), make("span", "", detail)] : []));
}

/** @param {Response} response @param {any} answer */
function showAnswer(response, answer) {
  if (!response.ok || answer?.error) {
    const { code, message, path } = answer?.error ?? {};
    const title = message ? visible(String(message)) : `The hub answered ${response.status}`;
    tell("bad", title, visible([code, path].filter(Boolean).join(" · ")));
    return;
  }
  if (answer.queued === true) return tell("late", "Queued: the broker is away", "It is published when the broker is back");
  const placed = typeof answer.offset === "number" ? `Position ${answer.epoch}:${answer.offset}` : "Kept in no history";
  const reached = typeof answer.subscribers === "number" ? `Reached ${plural(answer.subscribers, "subscriber")}` : "Published";
  tell("good", answer.duplicate ? "Already published" : reached, visible(placed));
}

/** @param {() => string} token */
async function publish(token) {
  if (send.getAttribute("aria-busy") === "true" || !check()) return;
  send.setAttribute("aria-busy", "true");
  send.textContent = "Publishing";
  tell("", "");
  // The text goes out as it was written: reading it into numbers and back could change them.
  const head = JSON.stringify({ channel: channel.value.trim(), type: type.value }).slice(0, -1);
  /** @type {Record<string, string>} */ const headers = { "Content-Type": "application/json" };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  try {
    const response = await fetch(new URL("api/publish", document.baseURI), {
      method: "POST", headers, body: `${head},"data":${data.value}}`, credentials: "omit", signal: AbortSignal.timeout(WITHIN),
    });
    showAnswer(response, await response.json().catch(() => null));
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    tell("bad", late ? "The hub didn't answer in 15 seconds" : "The hub can't be reached", "Nothing is known of this message; it may or may not have been published");
  }
  send.removeAttribute("aria-busy");
  send.textContent = "Publish";
}

function format() {
  const fault = wrong(data.value);
  setError(data, byId("publish-data-error"), fault);
  if (!fault) data.value = JSON.stringify(parse(data.value), null, 2);
}

function showSize() {
  setText(byId("publish-size"), size(new TextEncoder().encode(data.value).length));
}

/** @param {() => string} token */
export function startPublisher(token) {
  byId("publish").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void publish(token);
  });
  byId("publish").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void publish(token);
  });
  byId("publish-format").addEventListener("click", format);
  for (const field of [channel, type]) field.addEventListener("input", () => setError(field, byId(`${field.id}-error`), ""));
  data.addEventListener("input", showSize);
  data.addEventListener("change", () => setError(data, byId("publish-data-error"), wrong(data.value)));
  showSize();
}

/** Suggests the channels that are known. @param {Iterable<string>} names */
export function suggestChannels(names) {
  const options = [...names].map((name) => Object.assign(document.createElement("option"), { value: name }));
  byId("channel-names").replaceChildren(...options);
}
