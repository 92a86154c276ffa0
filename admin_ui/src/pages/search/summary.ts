import { mean, quantiles } from "./latency";
import { STAGES, type Completed, type Stage, type Unfinished } from "./searches";

/** What searches come to: recall by kind, parts of the time, how they ended. */

/** Searches that have one estimate of recall, as far as their messages say. */
export interface RecallKind {
  readonly key: string;
  readonly collection: string | null;
  readonly ef: number | null;
  readonly topK: number | null;
  /** Searches of the kind here. */
  readonly searches: number;
  /** The newest estimate; `null` until there is one: it is measured, never assumed. */
  readonly recall: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly samples: number | null;
  readonly at: number | null;
}

/** Searches with an index by their kind; those whose recall is lowest first, unmeasured ones last. */
export function recallKinds(completed: readonly Completed[]): readonly RecallKind[] {
  const kinds = new Map<string, RecallKind>();
  for (const { at, collection, ef, topK, exact, recall, low, high, samples } of completed) {
    if (exact !== null) continue;
    const key = JSON.stringify([collection, ef, topK]);
    const before = kinds.get(key) ?? { key, collection, ef, topK, searches: 0, recall: null, low: null, high: null, samples: null, at: null };
    const estimate = recall === null ? {} : { recall, low, high, samples, at };
    kinds.set(key, { ...before, ...estimate, searches: before.searches + 1 });
  }
  return [...kinds.values()].sort((one, other) => (one.recall ?? 2) - (other.recall ?? 2) || other.searches - one.searches);
}

export interface Part {
  readonly stage: Stage;
  /** Searches that had it. */
  readonly count: number;
  /** Of these, in milliseconds. */
  readonly mean: number | null;
  readonly p95: number | null;
  /** Of the time of all searches, from 0 to 1. */
  readonly share: number | null;
}

/** Where the time goes. */
export function partsOf(completed: readonly Completed[]): readonly Part[] {
  const whole = completed.reduce((sum, { took }) => sum + (took ?? 0), 0);
  return STAGES.map((stage) => {
    const times = completed.map(({ parts }) => parts[stage]).filter((time) => time !== null);
    const share = whole > 0 ? times.reduce((sum, time) => sum + time, 0) / whole : null;
    return { stage, count: times.length, mean: mean(times), p95: quantiles(times).p95, share };
  });
}

export interface Ending {
  readonly key: string;
  readonly reason: string | null;
  readonly stage: Stage | null;
  readonly cancelled: boolean;
  readonly count: number;
  /** The last of them. */
  readonly at: number;
}

/** Failed and cancelled searches by where and why; the most frequent first. */
export function endingsOf(unfinished: readonly Unfinished[]): readonly Ending[] {
  const endings = new Map<string, Ending>();
  for (const { at, reason, stage, cancelled } of unfinished) {
    const key = JSON.stringify([cancelled, stage, reason]);
    endings.set(key, { key, reason, stage, cancelled, at, count: (endings.get(key)?.count ?? 0) + 1 });
  }
  return [...endings.values()].sort((one, other) => other.count - one.count || other.at - one.at);
}

export interface ExactReason {
  readonly reason: string;
  readonly count: number;
  readonly p50: number | null;
  readonly at: number;
}

/** Searches that compared every vector, by the reason; the most frequent first. */
export function exactReasons(completed: readonly Completed[]): readonly ExactReason[] {
  const groups = new Map<string, Completed[]>();
  for (const search of completed) {
    if (search.exact === null) continue;
    const group = groups.get(search.exact);
    if (group) group.push(search);
    else groups.set(search.exact, [search]);
  }
  return [...groups]
    .map(([reason, of]) => ({ reason, count: of.length, p50: quantiles(of.map(({ took }) => took)).p50, at: of.at(-1)?.at ?? 0 }))
    .sort((one, other) => other.count - one.count);
}

/** The slowest searches, the slowest first. */
export const slowest = (completed: readonly Completed[], most: number): readonly Completed[] =>
  completed.filter(({ took }) => took !== null).sort((one, other) => (other.took ?? 0) - (one.took ?? 0)).slice(0, most);
