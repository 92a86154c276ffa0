import type { Event } from "./events";

/** How many checks ended how, in steps of time. */

export const OUTCOMES = ["blocked", "warned", "overridden", "passed"] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type Counts = Readonly<Record<Outcome, number>>;

/** Milliseconds that the smallest step takes. */
export const STEP = 10_000;

/** Steps that are kept: six hours. */
const KEPT = (6 * 3_600_000) / STEP;

/** What can be looked at: how far back, and in which steps. In milliseconds. */
export const SPANS = {
  "15m": { length: 900_000, step: STEP },
  "1h": { length: 3_600_000, step: 60_000 },
  "6h": { length: 21_600_000, step: 300_000 },
} as const;

export type Span = keyof typeof SPANS;

export const isSpan = (name: string): name is Span => name in SPANS;

const OUTCOME: Readonly<Partial<Record<Event["type"], Outcome>>> = {
  error_blocked: "blocked",
  error_warned: "warned",
  error_overridden: "overridden",
  error_passed: "passed",
};

const none = (): Record<Outcome, number> => ({ blocked: 0, warned: 0, overridden: 0, passed: 0 });

/**
 * Counts a stream of events, each once. The page keeps the newest of a busy channel alone; what was counted stays for six
 * hours all the same, in 2,160 steps.
 */
export class Rates {
  readonly #steps = new Map<number, Record<Outcome, number>>();
  #taken = 0;
  #missed = 0;

  /** Messages that came and went before they could be counted: while the tab was asleep, or the chart wasn't shown. */
  get missed(): number {
    return this.#missed;
  }

  /**
   * Takes what is new.
   *
   * @param publications the newest of the channel, oldest first
   * @param received how many there were in all
   * @param read what one of them says, if it says something
   */
  take<P>(publications: readonly P[], received: number, read: (publication: P) => Event | null): void {
    if (received < this.#taken) this.#forget(); // another connection's stream, which begins with its history
    const fresh = received - this.#taken;
    this.#missed += Math.max(0, fresh - publications.length);
    this.#taken = received;
    if (!fresh) return;
    for (const publication of publications.slice(-fresh)) {
      const event = read(publication);
      if (event) this.#count(event);
    }
    for (const step of this.#steps.keys()) {
      if (this.#steps.size <= KEPT) break;
      this.#steps.delete(step);
    }
  }

  #forget(): void {
    this.#steps.clear();
    this.#taken = this.#missed = 0;
  }

  #count(event: Event): void {
    const outcome = OUTCOME[event.type];
    const at = Date.parse(event.timestamp);
    if (!outcome || Number.isNaN(at)) return;
    const step = Math.floor(at / STEP);
    let counts = this.#steps.get(step);
    if (!counts) this.#steps.set(step, (counts = none()));
    counts[outcome] += event.count;
  }

  /** The steps of a span that ends with `now`: the beginning of each, and its counts. Where nothing came there are zeros. */
  over(span: Span, now: number): readonly (readonly [at: number, counts: Counts])[] {
    const { length, step } = SPANS[span];
    const last = Math.floor(now / step) * step;
    return Array.from({ length: length / step }, (_, index) => {
      const at = last - length + (index + 1) * step;
      return [at, this.#sum(at, at + step)] as const;
    });
  }

  /** What was counted from one time up to another. */
  #sum(from: number, to: number): Counts {
    const sum = none();
    for (let step = Math.floor(from / STEP); step * STEP < to; step++) {
      const counts = this.#steps.get(step);
      if (counts) for (const outcome of OUTCOMES) sum[outcome] += counts[outcome];
    }
    return sum;
  }
}

/** All of a span together. */
export function total(steps: readonly (readonly [number, Counts])[]): Counts {
  const sum = none();
  for (const [, counts] of steps) for (const outcome of OUTCOMES) sum[outcome] += counts[outcome];
  return sum;
}
