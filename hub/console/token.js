/** The token: in this tab's session storage only, and in memory where storage is forbidden. */

const KEY = "tocsin.token";
let held = "";

try {
  held = sessionStorage.getItem(KEY) ?? "";
} catch {
  // memory alone then
}

/** @returns {string} empty when signed out */
export const token = () => held;

/** @param {string} value empty to forget it */
export function keepToken(value) {
  held = value;
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // as above
  }
}
