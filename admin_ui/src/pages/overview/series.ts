import type { Numbers, Process, Sample } from "./samples";

/** One line out of several processes that tell their numbers at different times. */

export type Points = readonly (readonly [number, number | null])[];
export type Read = (numbers: Numbers) => number | null | undefined;
export type Reduce = (values: readonly number[]) => number;

/** Of rates and counts. */
export const sum: Reduce = (values) => values.reduce((whole, value) => whole + value, 0);
/** Of times: that of the hub as a whole is never above that of its worst process, whichever the percentile. */
export const worst: Reduce = (values) => Math.max(...values);

/** Part of an interval by which two samples may lie apart from what they say: clocks aren't exact. */
const SLACK = 0.25;

/** Intervals that a process may need from its start to its first sample. */
const MOMENT = 2;

export interface Span {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Combines what the processes said over a time.
 *
 * A sample speaks for the time since the one before, so each point has every process's value of that very time: processes
 * that report at different moments make no teeth, and one that ended doesn't count beside the one that took its place. Where
 * a process said nothing the sum isn't known, and there is a hole: as long as it was silent, and for the moments before its
 * first sample and behind its last. The line ends where all have reported.
 */
export function series(processes: readonly Process[], { from, to }: Span, read: Read, reduce: Reduce): Points {
  const step = stepOf(processes);
  if (!step) return [];
  const readers = processes.map((process) => readerOf(process, read));
  const end = Math.min(to, endOf(processes));
  const points: [number, number | null][] = [];
  for (let at = Math.ceil(from / step) * step; at <= end; at += step) points.push([at, valueAt(readers, at, reduce)]);
  while (points[0]?.[1] === null) points.shift();
  return points;
}

/** What the living processes said last, combined. */
export function latest(processes: readonly Process[], read: Read, reduce: Reduce): number | null {
  const values = processes.filter(({ gone }) => !gone).map(({ last }) => read(last.numbers));
  return combine(values, reduce);
}

/** Milliseconds between two points: as often as the processes speak. */
function stepOf(processes: readonly Process[]): number {
  const longest = Math.max(0, ...processes.map(({ last }) => last.interval));
  return longest && Math.max(1_000, Math.round(longest / 1_000) * 1_000);
}

function endOf(processes: readonly Process[]): number {
  const alive = processes.filter(({ gone }) => !gone);
  return alive.length ? Math.min(...alive.map(({ last }) => last.at)) : Math.max(...processes.map(({ last }) => last.at));
}

/** `absent`: the process wasn't there then. `undefined`: it was, and what it said isn't known. */
type Reader = (at: number) => number | null | undefined | "absent";

function readerOf({ samples, last, started = Infinity, gone }: Process, read: Read): Reader {
  const first = (samples[0] ?? last).at - (samples[0] ?? last).interval;
  // The age is that of the process, which may be older than the hub in it.
  const begin = Math.min(first, Math.max(started, first - MOMENT * last.interval));
  const end = gone ? last.at + last.interval : last.at;
  let index = 0; // asked for in rising order
  return (at) => {
    if (at <= begin || at > end) return "absent";
    if (at <= first || at > last.at) return undefined;
    while (index < samples.length - 1 && (samples[index] as Sample).at < at) index++;
    const { at: told, interval, numbers } = samples[index] as Sample;
    return told - (1 + SLACK) * interval > at ? undefined : (read(numbers) ?? null);
  };
}

function valueAt(readers: readonly Reader[], at: number, reduce: Reduce): number | null {
  const values = readers.map((reader) => reader(at)).filter((value) => value !== "absent");
  return values.includes(undefined) ? null : combine(values, reduce);
}

/** `null`s are of processes that had nothing to measure. */
function combine(values: readonly (number | null | undefined)[], reduce: Reduce): number | null {
  const known = values.filter((value): value is number => typeof value === "number");
  return known.length ? reduce(known) : null;
}
