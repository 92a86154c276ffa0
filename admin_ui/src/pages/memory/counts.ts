import type { Publication } from "tocsin-client";
import type { Messages } from "../../hub/messages";

/** How many memories of all owners together changed, over time. */

export const SORTS = ["created", "changed", "pruned", "deleted"] as const;
export type Sort = (typeof SORTS)[number];
export type Sums = Readonly<Record<Sort, number>>;

export interface Counted extends Sums {
  /** Milliseconds since 1970: the end of the time that is counted over. */
  readonly at: number;
}

/** Reads `memory_counts` that came after `from`, oldest first. What is no number counts nothing. */
export function countedSince(told: readonly Publication<Messages["memory_counts"]>[], from: number): readonly Counted[] {
  const number = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);
  return told
    .map(({ timestamp, data }) => {
      const { created, changed, pruned, deleted } = (data ?? {}) as Partial<Messages["memory_counts"]>;
      return { at: Date.parse(timestamp), created: number(created), changed: number(changed), pruned: number(pruned), deleted: number(deleted) };
    })
    .filter(({ at }) => at >= from);
}

export const sumOf = (counted: readonly Sums[], sort: Sort): number => counted.reduce((sum, one) => sum + one[sort], 0);

/** Memories more than before. */
export const growthOf = ({ created, pruned, deleted }: Sums): number => created - pruned - deleted;

/** Bars of a chart at most. */
const BINS = 60;

export interface Bin extends Sums {
  /** Milliseconds since 1970: where it ends. */
  readonly at: number;
}

/** Sums up by equal parts of a time. Nothing comes while nothing changes, so a part without a message is zero. */
export function binsOf(counted: readonly Counted[], [from, to]: readonly [number, number]): readonly Bin[] {
  const width = Math.max(1, (to - from) / BINS);
  const bins = Array.from({ length: BINS }, (_, index) => ({ at: from + (index + 1) * width, created: 0, changed: 0, pruned: 0, deleted: 0 }));
  for (const one of counted) {
    const bin = bins[Math.min(BINS - 1, Math.floor((one.at - from) / width))];
    if (bin && one.at >= from) for (const sort of SORTS) bin[sort] += one[sort];
  }
  return bins;
}

/** By how much there are more memories since `from`, step by step; how many there were before isn't told. */
export function growth(counted: readonly Counted[], [from, to]: readonly [number, number]): readonly (readonly [number, number])[] {
  if (!counted.length) return [];
  let sum = 0;
  const steps = counted.map((one) => [one.at, (sum += growthOf(one))] as const);
  return [[from, 0], ...steps, [to, sum]];
}
