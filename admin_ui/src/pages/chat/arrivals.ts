import type { ChatSession } from "../../hub/my";

/** Answers that came where nobody looks. Pure: see `useArrivals`. */

export interface Arrivals {
  /** Conversations in which something is being answered. */
  readonly busy: ReadonlySet<string>;
  /** Conversations with an answer that nobody has looked at, in the order in which they came. */
  readonly unread: ReadonlySet<string>;
}

export const NONE: Arrivals = { busy: new Set(), unread: new Set() };

/** Channels that are listened to at most; the others are found out about by reading the list. */
const MOST = 10;

/** Takes the list of conversations: what was answered since the last one is unread, unless it is looked at. */
export function withList(before: Arrivals, sessions: readonly Pick<ChatSession, "id" | "active_runs">[], looked: string | undefined): Arrivals {
  const busy = new Set(sessions.filter(({ active_runs }) => active_runs > 0).map(({ id }) => id));
  const there = new Set(sessions.map(({ id }) => id));
  const ended = [...before.busy].filter((id) => there.has(id) && !busy.has(id));
  const unread = [...before.unread, ...ended].filter((id) => there.has(id) && id !== looked);
  return { busy, unread: new Set(unread) };
}

/** Where it is worth listening, in an order of its own: the same ones give the same text. */
export const listening = ({ busy }: Arrivals): string => [...busy].sort().slice(0, MOST).join(" ");
