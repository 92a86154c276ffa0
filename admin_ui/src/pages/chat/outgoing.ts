import type { Message } from "../../hub/my";

/** Messages of one's own on their way to the hub. Pure: see `useSending`. */

export interface Outgoing {
  /** The hub takes the same one once. */
  readonly key: string;
  readonly content: string;
  readonly target: string | undefined;
  readonly policy: "queue" | "steer";
  /** Messages of the session that were there when it was sent. */
  readonly after: number;
  /** Why it didn't arrive; absent while it is on its way. */
  readonly error?: unknown;
}

/** Those that are still to be shown: the hub's own message takes the place of each. */
export function unseen(outgoing: readonly Outgoing[], messages: readonly Message[]): readonly Outgoing[] {
  const taken = new Set<string>();
  return outgoing.filter(({ content, after, error }) => {
    if (error !== undefined) return true;
    const same = messages.find(({ id, role, seq, content: said }) => role === "user" && seq > after && !taken.has(id) && said.trim() === content.trim());
    if (same) taken.add(same.id);
    return !same;
  });
}
