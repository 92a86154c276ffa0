/** JSON without loss: numbers that a double can't hold keep their digits. */

import { visibleLines, visible } from "./text.js";

const native = /** @type {any} */ (JSON);

/** @param {string} _key @param {unknown} value @param {{source?: string}} [context] */
function exactly(_key, value, context) {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  return native.rawJSON(source);
}

/** Parses; where the browser can, a number is kept as it was written. @param {string} text @returns {any} */
export const parse = (text) => (native.rawJSON ? JSON.parse(text, exactly) : JSON.parse(text));

/** @param {unknown} value */
export const compact = (value) => visible(JSON.stringify(value) ?? "null");

/** One line for the eye: an object's fields without the outer braces and quotes. @param {unknown} value */
export function glance(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return compact(value);
  return Object.entries(value).map(([name, one]) => `${visible(name)}: ${compact(one)}`).join("  ");
}

/** @param {unknown} value */
export const pretty = (value) => visibleLines(JSON.stringify(value, null, 2) ?? "null");

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;
const COLOURED = 100_000;

/** Fills `target` with pretty JSON in colours; text only, so markup in it stays text. @param {HTMLElement} target @param {string} text */
export function paint(target, text) {
  target.textContent = "";
  if (text.length > COLOURED) {
    target.textContent = text;
    return;
  }
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    const token = string ?? whole;
    target.append(text.slice(at, match.index));
    const span = document.createElement("span");
    span.className = string ? (colon ? "key" : "string") : /^[-\d]/.test(token) ? "number" : "word";
    span.textContent = token;
    target.append(span, colon ?? "");
    at = match.index + whole.length;
  }
  target.append(text.slice(at));
}
