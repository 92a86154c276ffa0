/** How memories are looked for. */

export const KINDS = ["episode", "fact", "preference", "note"] as const;

const DAY = 86_400_000;

export const SPANS = [{ name: "day", time: DAY }, { name: "week", time: 7 * DAY }, { name: "month", time: 30 * DAY }] as const;

export interface Wanted {
  readonly q: string;
  readonly kind: string;
  readonly pinned: string;
  readonly span: string;
}

/** What the hub is asked. A time is cut to whole minutes, so that the same view is the same question for a while. */
export function queryOf({ q, kind, pinned, span }: Wanted, now = Date.now()): Readonly<Record<string, string | boolean>> {
  const time = SPANS.find(({ name }) => name === span)?.time;
  return {
    ...(q.trim() && { q: q.trim() }),
    ...(kind && { kind }),
    ...(pinned && { pinned: pinned === "yes" }),
    ...(time && { since: new Date(Math.floor((now - time) / 60_000) * 60_000).toISOString() }),
  };
}
