import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { PAGES } from "../pages";

interface Overlays {
  palette(): void;
  help(): void;
}

/** Milliseconds within which the second key of a shortcut must come. */
const SECOND = 1_200;

const PRESSED = /^(button|checkbox|radio|range|submit)$/;

/** Whether keys are text there. */
const writes = (target: EventTarget | null): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !PRESSED.test(target.type);
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
};

/** Keys that work everywhere: Ctrl+K, `g` and a page's letter, `/` for the page's search, `?` for help. */
export function useShortcuts(overlays: Overlays): void {
  const navigate = useNavigate();
  const latest = useRef(overlays);
  latest.current = overlays;
  useEffect(() => {
    let goAt = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return latest.current.palette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
      const page = PAGES.find(({ key }) => key === event.key);
      if (page && performance.now() - goAt < SECOND) {
        goAt = 0;
        return void navigate(`/${page.name}`);
      }
      goAt = event.key === "g" ? performance.now() : 0;
      if (event.key === "?") latest.current.help();
      if (event.key === "/" && focusSearch()) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [navigate]);
}

/** Focuses the page's search field: the one that is marked `data-search`. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("input[data-search], [data-search] input");
  field?.focus();
  return field !== null;
}
