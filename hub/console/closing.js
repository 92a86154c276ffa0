/** What a close code means: come back, sign in, or stay away. */

/** @typedef {"again" | "signin" | "never"} Verdict */

/** @type {Record<number, [Verdict, string]>} */
const CODES = {
  1000: ["never", "The connection was closed"],
  1001: ["again", "The hub is restarting"],
  1002: ["never", "A frame broke the WebSocket protocol"],
  1006: ["again", "The connection was lost"],
  1007: ["never", "A frame was not valid UTF-8"],
  1009: ["never", "A message was over the hub's size limit"],
  1011: ["again", "The hub had an internal error"],
  4000: ["again", "The heartbeat was lost"],
  4001: ["again", "The connection was idle for too long"],
  4002: ["again", "This page read too slowly"],
  4003: ["again", "An operator disconnected this client"],
  4004: ["again", "Signing in took too long"],
  4500: ["signin", "The token was refused"],
  4501: ["signin", "The token has expired"],
  4502: ["signin", "The token was revoked"],
  4503: ["never", "The hub refused this client: too many bad or too frequent commands"],
  4504: ["never", "An operator has banned this client"],
};

/** The reason is added where it says more than the code does. @param {number} code @param {string} reason @returns {{verdict: Verdict, text: string}} */
export function closing(code, reason) {
  const [verdict, text] = CODES[code] ?? [code >= 4500 ? "never" : "again", `The connection was closed (${code})`];
  const known = !reason || /^\d+$/.test(reason) || reason.toLowerCase().startsWith(text.toLowerCase());
  return { verdict, text: known ? text : `${text}: ${reason}` };
}

/** The delay that a 1001's reason names, in milliseconds. @param {string} reason */
export function namedDelay(reason) {
  const digits = /\d+/.exec(reason);
  return digits ? Math.min(Number(digits[0]), 300_000) : 0;
}

/** Half fixed, half random, doubling to 30 s: a crowd of clients doesn't come back at once. @param {number} attempt */
export function backoff(attempt) {
  const most = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return most / 2 + (Math.random() * most) / 2;
}
