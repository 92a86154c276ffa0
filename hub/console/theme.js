/** The colour theme: the system's until the reader chooses another; the choice is remembered. */

const KEY = "tocsin.theme";
const NAMES = /** @type {const} */ (["auto", "light", "dark"]);

/** @returns {string} */
function chosen() {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto"; // storage may be forbidden; the theme then lasts as long as the page
  }
}

/** @param {string} name */
function apply(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

/** @param {HTMLElement} button steps through auto, light and dark */
export function themeButton(button) {
  let name = chosen();
  const show = () => {
    button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[name] ?? "Auto";
    button.setAttribute("aria-label", `Theme: ${name}`);
    button.title = `Theme: ${name}`;
  };
  button.addEventListener("click", () => {
    name = NAMES[(NAMES.indexOf(/** @type {any} */ (name)) + 1) % NAMES.length];
    apply(name);
    show();
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // as above
    }
  });
  show();
}

apply(chosen());
