/** Text for people: numbers, times, and remote strings made safe to look at. */

const counts = new Intl.NumberFormat("en");

// Characters that hide, reorder or break text: C0, C1, zero-width space, bidi marks, overrides and isolates, line and
// paragraph separators, BOM. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** @param {string} char */
const escaped = (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0");

/** Shows hidden and reordering characters as `\uXXXX`. @param {string} text */
export const visible = (text) => text.replace(HIDDEN, escaped);

/** The same for pretty JSON, whose own line breaks stay; the result is still the same JSON value. @param {string} text */
export const visibleLines = (text) => text.replace(HIDDEN, (char) => (char === "\n" ? char : escaped(char)));

/** @param {number} value */
export const count = (value) => counts.format(value);

/** @param {number} value @param {string} one @param {string} [many] */
export const plural = (value, one, many = one + "s") => `${count(value)} ${value === 1 ? one : many}`;

/** A number with about three figures. @param {number} value */
export function brief(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toFixed(size >= 1e7 ? 0 : 1)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(size >= 1e5 ? 0 : 1)}k`;
  return counts.format(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

/** @param {number} value @param {number} width */
const pad = (value, width) => String(value).padStart(width, "0");

/** Local time of day with milliseconds. @param {string} timestamp */
export function timeOfDay(timestamp) {
  const at = new Date(timestamp);
  if (Number.isNaN(at.getTime())) return visible(String(timestamp));
  return `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}.${pad(at.getMilliseconds(), 3)}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${pad(s % 60, 2)}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${pad(Math.floor((s % 3600) / 60), 2)}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
}
