/** Short words for the document. */

/** @param {string} id @returns {any} the element; the page is ours, so a missing one is a fault */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/** @param {string} tag @param {string} [name] class @param {string} [text] @returns {HTMLElement} */
export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

/** Sets text only when it changed, so that idle ticks cost no layout. @param {HTMLElement} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows an error at its field, or takes it away. @param {HTMLElement} field @param {HTMLElement} place @param {string} text */
export function setError(field, place, text) {
  setText(place, text);
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** Copies, and says so on the button. @param {HTMLElement} button @param {string} text */
export async function copy(button, text) {
  const label = button.dataset.label ?? (button.dataset.label = button.textContent ?? "");
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyBySelection(text); // no permission, or plain HTTP from another host
  }
  button.textContent = done ? "Copied" : "Can't copy";
  setTimeout(() => (button.textContent = label), 1500);
}

/** @param {string} text @returns {boolean} */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.className = "sr";
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
