/** The state of the connection, as the header, the notice under it and a screen reader tell it. */

import { byId, setText } from "./dom.js";
import { timeOfDay, visible } from "./text.js";

/** @typedef {import("./connection.js").State} State */

const notice = byId("notice");
const action = byId("notice-action");
const WORDS = { connecting: "Connecting", live: "Live", waiting: "Reconnecting", signin: "Signed out", closed: "Closed" };
const UNEXPLAINED = "the hub has lost its broker; messages may be late";
const MOST_REASON = 200;

/** @type {State} */ let state = { phase: "connecting", reason: "", until: 0 };
/** @type {{text: string, until: number} | null} */ let expiring = null;
/** Why publications may be late, while the connection is live. */ let late = "";
let announced = "";

/** @param {{retry(): void, signin(): void}} does */
export function startStatus(does) {
  action.addEventListener("click", () => (state.phase === "signin" || state.phase === "live" ? does.signin() : does.retry()));
}

/** @param {State} next */
export function showState(next) {
  state = next;
  if (next.phase !== "live") expiring = null;
  late = ""; // the hub says it again after the welcome
  say(next.reason);
}

/** The hub has lost its broker; the connection and its positions are good. @param {any} message */
export function degraded(message) {
  if (state.phase !== "live") return;
  const reason = visible(String(message.reason || UNEXPLAINED)).slice(0, MOST_REASON);
  const since = Number.isNaN(Date.parse(message.timestamp)) ? "" : `. Since ${timeOfDay(message.timestamp).slice(0, 8)}`;
  late = reason + since;
  say(reason);
}

/** The hub has its broker back. */
export function restored() {
  if (!late) return;
  late = "";
  say("the hub has its broker back");
}

/** Shows the state, and has it read out. @param {string} reason */
function say(reason) {
  const word = late ? "Degraded" : WORDS[state.phase];
  document.body.dataset.phase = state.phase;
  document.body.toggleAttribute("data-degraded", late !== "");
  setText(byId("state-text"), word);
  const said = [word, visible(reason)].filter(Boolean).join(": ");
  // Each try in a row of failures passes by "connecting"; only what is new is said aloud.
  if (state.phase !== "connecting" && said !== announced) setText(byId("announce"), (announced = said));
  showNotice();
}

/** The token ends soon. @param {number} seconds */
export function tokenExpiring(seconds) {
  expiring = { text: "Your token expires", until: performance.now() + seconds * 1000 };
  showNotice();
}

/** Draws the notice; called again four times a second for its countdown. */
export function showNotice() {
  const [kind, text, label] = content();
  notice.hidden = !text;
  notice.dataset.kind = kind;
  setText(byId("notice-text"), visible(text));
  action.hidden = !label;
  setText(action, label);
}

/** @returns {[kind: string, text: string, action: string]} */
function content() {
  const { phase, reason } = state;
  if (phase === "waiting") {
    if (!navigator.onLine) return ["warn", "You are offline. The connection comes back with the network.", "Retry now"];
    const left = Math.ceil((state.until - performance.now()) / 1000);
    return ["warn", `${reason}. ${left > 0 ? `Trying again in ${left} s` : "Trying again"}`, "Retry now"];
  }
  if (phase === "signin") return ["bad", reason, "Sign in"];
  if (phase === "closed") return ["bad", `${reason}. It won't be tried again by itself.`, "Connect again"];
  if (expiring) return ["warn", `${expiring.text} in ${Math.max(0, Math.ceil((expiring.until - performance.now()) / 1000))} s`, "Sign in again"];
  if (late) return ["late", `Connected, degraded: ${late}`, ""];
  return ["", "", ""];
}
