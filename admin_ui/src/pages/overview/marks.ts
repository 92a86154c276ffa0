import type { Process } from "./samples";

/** What happened to the hub itself: its processes came and went, its broker was away. */

/** A time at which something was so; without `to` it still is. Milliseconds since 1970. */
export interface Run {
  readonly from: number;
  readonly to: number | undefined;
  readonly reason?: string;
}

export type Turn = "started" | "ended" | "away" | "back";

/** Something that turned, once or several times in a short while. */
export interface Turning {
  readonly at: number;
  readonly turn: Turn;
  readonly nodes: readonly string[];
}

/** When some process said of itself what `is` asks for. Times of several processes that overlap are one. */
export function runs(processes: readonly Process[], is: (numbers: Process["last"]["numbers"]) => boolean): readonly Run[] {
  const found = processes.flatMap((process) => runsOf(process, is)).sort((a, b) => a.from - b.from);
  const merged: Run[] = [];
  for (const run of found) {
    const last = merged.at(-1);
    if (!last || (last.to !== undefined && last.to < run.from)) merged.push(run);
    else merged[merged.length - 1] = { ...last, to: last.to === undefined || run.to === undefined ? undefined : Math.max(last.to, run.to) };
  }
  return merged;
}

function runsOf({ samples, gone, last }: Process, is: (numbers: Process["last"]["numbers"]) => boolean): readonly Run[] {
  const found: Run[] = [];
  let from: number | undefined;
  let reason: string | undefined;
  for (const { at, interval, numbers } of samples) {
    if (is(numbers)) {
      from ??= at - interval;
      reason = numbers.degraded ?? reason;
    } else if (from !== undefined) {
      found.push({ from, to: at - interval, ...(reason && { reason }) });
      from = reason = undefined;
    }
  }
  if (from !== undefined) found.push({ from, to: gone ? last.at : undefined, ...(reason && { reason }) });
  return found;
}

/** When the broker was away, as the processes saw it. */
export const brokerAway = (processes: readonly Process[]): readonly Run[] => runs(processes, ({ broker_available }) => broker_available === false);

/** What turned since `from`, oldest first. */
export function turnings(processes: readonly Process[], away: readonly Run[], from: number): readonly Turning[] {
  const all: Turning[] = [];
  for (const { node, started, gone, last } of processes) {
    if (started !== undefined) all.push({ at: started, turn: "started", nodes: [node] });
    if (gone) all.push({ at: last.at, turn: "ended", nodes: [node] });
  }
  for (const run of away) {
    all.push({ at: run.from, turn: "away", nodes: [] });
    if (run.to !== undefined) all.push({ at: run.to, turn: "back", nodes: [] });
  }
  return all.filter(({ at }) => at > from).sort((a, b) => a.at - b.at);
}

/** The same turning several times within `within` milliseconds is one, at the time of the first: workers start together. */
export function together(all: readonly Turning[], within: number): readonly Turning[] {
  const groups: Turning[] = [];
  for (const turning of all) {
    const index = groups.findLastIndex(({ turn, at }) => turn === turning.turn && turning.at - at <= within);
    const group = groups[index];
    if (group) groups[index] = { ...group, nodes: [...group.nodes, ...turning.nodes] };
    else groups.push(turning);
  }
  return groups;
}

/** Turnings that stand so close together that only the first has room for words, in the order of their times. */
export function clusters(all: readonly Turning[], within: number): readonly (readonly Turning[])[] {
  const found: Turning[][] = [];
  for (const turning of all) {
    const last = found.at(-1);
    if (last && turning.at - (last[0]?.at ?? 0) <= within) last.push(turning);
    else found.push([turning]);
  }
  return found;
}
