import type { Publication } from "tocsin-client";
import { visible } from "./text";

interface Circumstances {
  /** Where the hub is, with a slash at its end. */
  readonly hub: string;
  /** The hub wants a token: the command takes it from the environment. */
  readonly token: boolean;
  /** The channel takes its keys from publishers, not from the data. */
  readonly keyed: boolean;
}

/** A text as one word of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The command that publishes a message again, for a POSIX shell. No token stands in it. What hides in a terminal is
 * written as JSON escapes, so what is pasted is what was read.
 */
export function curlOf({ channel, type, data, key }: Publication, { hub, token, keyed }: Circumstances): string {
  const body = JSON.stringify({ channel, type, data, ...(keyed && key !== undefined && { key }) });
  const lines = [
    `curl -sS -X POST ${quoted(new URL("api/publish", hub).href)}`,
    ...(token ? [`-H "Authorization: Bearer $TOCSIN_TOKEN"`] : []),
    `-H 'Content-Type: application/json'`,
    `--data-raw ${quoted(visible(body))}`,
  ];
  return lines.join(" \\\n  ");
}
