/** JSON as text for people: bounded, and with every character that hides or reorders text made visible. */

/** Control characters that JSON may hold as they are, direction marks, and separators of lines. */
const HIDDEN = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const shown = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Writes hidden characters of JSON text as JSON writes them, so it stays the same JSON. */
export const visible = (json: string): string => json.replace(HIDDEN, shown);

/** Writes a value as JSON without spaces, `most` characters at most and not much more work than these are. */
export function compact(value: unknown, most: number): string {
  const parts: string[] = [];
  let left = most;
  const put = (text: string) => {
    parts.push(text);
    left -= text.length;
  };
  const string = (text: string) => put(JSON.stringify(text.length > left ? text.slice(0, left + 1) : text));
  const write = (part: unknown): void => {
    if (left < 0) return;
    if (typeof part === "string") return string(part);
    if (typeof part !== "object" || part === null) return put(String(JSON.stringify(part)));
    const names = Array.isArray(part) ? undefined : Object.keys(part);
    put(names ? "{" : "[");
    const size = names?.length ?? (part as unknown[]).length;
    for (let at = 0; at < size && left >= 0; at++) {
      if (at) put(",");
      const name = names?.[at];
      if (name !== undefined) {
        string(name);
        put(":");
      }
      write((part as Record<string | number, unknown>)[name ?? at]);
    }
    put(names ? "}" : "]");
  };
  write(value);
  const text = visible(parts.join(""));
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** One line for the eye: an object's fields without its braces and the quotes of their names. */
export function glance(value: unknown, most = 300): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return compact(value, most);
  let text = "";
  for (const [name, part] of Object.entries(value)) {
    if (text.length >= most) return `${text.slice(0, most)}…`;
    text += `${text && "  "}${visible(name.slice(0, most))}: ${compact(part, most - text.length)}`;
  }
  return text || "{}";
}
