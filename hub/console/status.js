/** The state of the connection, as the header, the notice under it and a screen reader tell it. */

import { byId, setText } from "./dom.js";
import { visible } from "./text.js";

/** @typedef {import("./connection.js").State} State */

const notice = byId("notice");
const action = byId("notice-action");
const WORDS = { connecting: "Connecting", live: "Live", waiting: "Reconnecting", signin: "Signed out", closed: "Closed" };

/** @type {State} */ let state = { phase: "connecting", reason: "", until: 0 };
/** @type {{text: string, until: number} | null} */ let expiring = null;
let announced = "";

/** @param {{retry(): void, signin(): void}} does */
export function startStatus(does) {
  action.addEventListener("click", () => (state.phase === "signin" || state.phase === "live" ? does.signin() : does.retry()));
}

/** @param {State} next */
export function showState(next) {
  state = next;
  if (next.phase !== "live") expiring = null;
  document.body.dataset.phase = next.phase;
  setText(byId("state-text"), WORDS[next.phase]);
  const said = [WORDS[next.phase], visible(next.reason)].filter(Boolean).join(": ");
  // Each try in a row of failures passes by "connecting"; only what is new is said aloud.
  if (next.phase !== "connecting" && said !== announced) setText(byId("announce"), (announced = said));
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
  return ["", "", ""];
}
