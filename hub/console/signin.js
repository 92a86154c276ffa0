/** Signing in and out: one dialog, and the button in the header that opens it. */

import { byId, setError, setText } from "./dom.js";
import { keepToken, token } from "./token.js";

const dialog = byId("signin");
const field = byId("signin-token");
const place = byId("signin-error");
const account = byId("account");

// What a token may hold: the characters of a JWT, and those of other bearer tokens (RFC 6750).
const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/** @param {{signedIn(): void, signedOut(): void}} events */
export function startSignin(events) {
  account.addEventListener("click", () => {
    if (!token()) return askToken("");
    keepToken("");
    events.signedOut();
  });
  byId("signin-cancel").addEventListener("click", () => dialog.close());
  field.addEventListener("input", () => setError(field, place, ""));
  byId("signin-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const value = field.value.trim().replace(/^Bearer\s+/i, "");
    const fault = !value ? "Paste a token first" : TOKEN.test(value) ? "" : "This is not a token: it has spaces or other characters that none has";
    setError(field, place, fault);
    if (fault) return field.focus();
    keepToken(value);
    field.value = "";
    dialog.close();
    events.signedIn();
  });
}

/** Opens the dialog. @param {string} fault why the last token, or none, was not enough */
export function askToken(fault) {
  setError(field, place, fault);
  if (!dialog.open) dialog.showModal();
  field.focus();
}

/** @param {string} user the user's name as the hub gave it, empty for none */
export function showAccount(user) {
  setText(account, token() ? "Sign out" : "Sign in");
  setText(byId("user"), user);
  byId("user").hidden = !user;
}
