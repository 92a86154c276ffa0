/** Figures of many measured times. */

export interface Quantiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

const numerically = (one: number, other: number) => one - other;

/** By the nearest rank: each figure is a time that was really measured, never one between two. */
const ranked = (sorted: readonly number[], share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;

/** The figures of all values that are known. */
export function quantiles(values: readonly (number | null)[]): Quantiles {
  const sorted = values.filter((value) => value !== null).sort(numerically);
  return { count: sorted.length, p50: ranked(sorted, 0.5), p95: ranked(sorted, 0.95), p99: ranked(sorted, 0.99) };
}

/** The mean of the values that are known; `null` when none is. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

export interface Bin<Item> {
  /** Its beginning, in milliseconds since 1970. */
  readonly at: number;
  readonly items: readonly Item[];
}

/** Parts of time of equal width, empty ones too. They begin at multiples of the width, so what is in one stays in it. */
export function binsOf<Item extends { readonly at: number }>(items: readonly Item[], [from, to]: readonly [number, number], width: number): readonly Bin<Item>[] {
  const first = Math.floor(from / width);
  const bins = Array.from({ length: Math.max(0, Math.floor(to / width) - first + 1) }, (_, index) => ({ at: (first + index) * width, items: [] as Item[] }));
  for (const item of items) bins[Math.floor(item.at / width) - first]?.items.push(item);
  return bins;
}

/** Widths of bins that read well, in milliseconds. */
const WIDTHS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000];
const [FEWEST, MOST] = [12, 60];
/** Items from which on a bin has a 95th percentile of its own. */
const WORTH = 20;

/** A width that makes 12 to 60 bins of a span: the more items there are, the narrower they may be. */
export function widthOf(span: number, items: number): number {
  const bins = Math.min(MOST, Math.max(FEWEST, Math.floor(items / WORTH)));
  return WIDTHS.find((width) => span / width <= bins) ?? 300_000;
}

export interface Bucket {
  /** Over this, up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const STEPS = [1, 1.5, 2, 3, 5, 7];
const BUCKETS = 24;

/** How many values are how large. Bounds grow by about a half each, so that 1 ms and 1 s are seen on one chart. */
export function histogram(values: readonly number[]): readonly Bucket[] {
  const positive = values.filter((value) => value >= 0);
  if (!positive.length) return [];
  const sorted = [...positive].sort(numerically);
  const bounds = boundsAbout(sorted[0] ?? 0, sorted.at(-1) ?? 0);
  const buckets = bounds.slice(1).map((to, index) => ({ from: bounds[index] ?? 0, to, count: 0 }));
  let at = 0;
  for (const value of sorted) {
    while (at < buckets.length - 1 && value > (buckets[at]?.to ?? Infinity)) at++;
    const bucket = buckets[at];
    if (bucket) bucket.count++;
  }
  return buckets;
}

function boundsAbout(least: number, most: number): readonly number[] {
  // Times under a microsecond are one bucket: no clock that is used here tells them apart.
  const lowest = Math.max(least, 0.001);
  const bounds: number[] = [];
  const exponents = [Math.floor(Math.log10(lowest)) - 1, Math.ceil(Math.log10(Math.max(most, lowest))) + 1] as const;
  for (let exponent = exponents[0]; exponent <= exponents[1]; exponent++) {
    for (const step of STEPS) bounds.push(step * 10 ** exponent);
  }
  const first = Math.max(0, bounds.findIndex((bound) => bound >= lowest) - 1);
  const last = bounds.findIndex((bound) => bound >= most);
  const kept = bounds.slice(first, Math.max(last, first + 1) + 1);
  return thinned(least < lowest ? [0, ...kept.slice(1)] : kept);
}

/** With very long tails every second bound is enough. */
const thinned = (bounds: readonly number[]): readonly number[] =>
  bounds.length - 1 <= BUCKETS ? bounds : thinned(bounds.filter((_, index) => index === 0 || (bounds.length - 1 - index) % 2 === 0));
