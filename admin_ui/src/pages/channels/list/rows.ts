import type { Schema } from "../../../hub/api";
import { paceNow, type Paces } from "./rates";

export type ChannelState = Schema<"ChannelState">;

/** What a name begins with, or `named` for channels that the configuration names. */
export const KINDS = ["named", "user", "room", "session", "job"] as const;

export type Kind = (typeof KINDS)[number];

export interface Row {
  readonly channel: string;
  readonly kind: Kind;
  readonly subscribers: number;
  /** Absent until it was asked for: only named channels come with the list. */
  readonly state?: ChannelState | undefined;
}

export const SORTS = ["channel", "subscribers", "rate"] as const;

export type Sort = (typeof SORTS)[number];

export interface View {
  readonly words: string;
  readonly kind: Kind | "all";
  readonly sort: Sort | undefined;
  readonly descending: boolean;
}

const isKind = (word: string | undefined): word is Kind => (KINDS as readonly (string | undefined)[]).includes(word);

/** Tells `room` of `room:ops`. */
export function kindOf(channel: string): Kind {
  const [prefix, rest] = channel.split(":", 2);
  return rest && prefix !== "named" && isKind(prefix) ? prefix : "named";
}

/** All channels there are to tell of: the listed ones in their order, then those that only have subscribers. */
export function rowsOf(states: readonly ChannelState[], subscribers: Readonly<Record<string, number>> = {}): Row[] {
  const rows: Row[] = states.map((state) => ({ channel: state.channel, kind: kindOf(state.channel), subscribers: state.subscribers, state }));
  const listed = new Set(states.map(({ channel }) => channel));
  for (const [channel, count] of Object.entries(subscribers)) {
    if (!listed.has(channel)) rows.push({ channel, kind: kindOf(channel), subscribers: count });
  }
  return rows;
}

/** How many rows there are of each kind. */
export function counted(rows: readonly Row[]): ReadonlyMap<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const { kind } of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** The rows that were asked for. What isn't known comes last, whichever way it is sorted. */
export function viewed(rows: readonly Row[], { words, kind, sort, descending }: View, paces: Paces): readonly Row[] {
  const wanted = words.trim().toLowerCase();
  const found = rows.filter((row) => (kind === "all" || row.kind === kind) && (!wanted || row.channel.toLowerCase().includes(wanted)));
  if (!sort) return found;
  if (sort === "channel") {
    found.sort((a, b) => (a.channel < b.channel ? -1 : a.channel > b.channel ? 1 : 0));
    return descending ? found.reverse() : found;
  }
  const value = sort === "subscribers" ? (row: Row) => row.subscribers : (row: Row) => paceNow(paces.get(row.channel));
  const sign = descending ? -1 : 1;
  return found.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  });
}

/** What may name a channel: the hub's own rule. */
export const isName = (text: string): boolean => /^[A-Za-z0-9._:@-]{1,128}$/.test(text);
