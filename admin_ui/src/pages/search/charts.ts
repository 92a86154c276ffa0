import { rangeOf } from "../../components/range";
import type { Line } from "../../components/TimeChart";
import { binsOf, quantiles, widthOf } from "./latency";
import type { Searches } from "./searches";

/** Lines of the charts of searches. */

export type Range = readonly [from: number, to: number];

/** What is looked at. */
export function rangeOfSearches({ completed, unfinished }: Searches, now: number, span: number): Range {
  const ends = [completed.at(0), unfinished.at(0), completed.at(-1), unfinished.at(-1)].filter((search) => search !== undefined);
  return rangeOf(ends.sort((one, other) => one.at - other.at), now, span);
}

/** Milliseconds that each figure of a chart is over. */
export const widthIn = ({ completed, unfinished }: Searches, [from, to]: Range): number => widthOf(to - from, completed.length + unfinished.length);

export interface VolumeNames {
  readonly completed: string;
  readonly failed: string;
  readonly cancelled: string;
}

const MINUTE = 60_000;

/** A part of time that lies in the range only in part would count too few. */
const whole = <Part extends { readonly at: number }>(bins: readonly Part[], [from, to]: Range, width: number): readonly Part[] =>
  bins.filter(({ at }) => at >= from && at + width <= to);

/** Searches per minute by how they ended. */
export function volumeLines(searches: Searches, range: Range, names: VolumeNames): readonly Line[] {
  const { completed, unfinished } = searches;
  const width = widthIn(searches, range);
  const perMinute = (items: readonly { readonly at: number }[]) =>
    whole(binsOf(items, range, width), range, width).map(({ at, items }) => [at, (items.length * MINUTE) / width] as const);
  const line = (name: string, colour: number, items: readonly { readonly at: number }[]): readonly Line[] =>
    items.length ? [{ name, colour, step: true, stack: "ended", points: perMinute(items) }] : [];
  return [
    ...line(names.completed, 1, completed),
    ...line(names.failed, 0, unfinished.filter(({ cancelled }) => !cancelled)),
    ...line(names.cancelled, 6, unfinished.filter(({ cancelled }) => cancelled)),
  ];
}

/** How long searches took, over time. Where there was none there is a hole. */
export function latencyLines(searches: Searches, range: Range): readonly Line[] {
  if (!searches.completed.length) return [];
  const bins = binsOf(searches.completed, range, widthIn(searches, range)).map(({ at, items }) => ({ at, ...quantiles(items.map(({ took }) => took)) }));
  return [
    { name: "P50", colour: 2, points: bins.map(({ at, p50 }) => [at, p50]) },
    { name: "P95", colour: 4, points: bins.map(({ at, p95 }) => [at, p95]) },
    { name: "P99", colour: 0, points: bins.map(({ at, p99 }) => [at, p99]) },
  ];
}
