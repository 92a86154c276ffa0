/** Objects that people type as JSON. */

export type JsonObject = Record<string, unknown>;

/** Reads a JSON object; an empty text is an empty one. `undefined` when it is none. */
export function objectIn(text: string): JsonObject | undefined {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** An object as people edit it; nothing when it is empty. */
export const textOf = (value: JsonObject | undefined): string => (value && Object.keys(value).length ? JSON.stringify(value, null, 2) : "");
