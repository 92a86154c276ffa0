import type { Publication } from "tocsin-client";
import { amount, amounts, fieldsOf, lines, text, word } from "../../hub/fields";
import type { Messages } from "../../hub/messages";

/** What pools said on `db_pool_stats`, each pool of each process apart. */

type Stats = Messages["stats_update"];

/** In every message about a size. */
const ALWAYS = [
  "pool_size", "active_connections", "idle_connections", "overflow_connections", "utilization", "qps", "avg_query_time",
  "max_wait_time", "total_queries",
] as const satisfies readonly (keyof Stats)[];

/** In the regular ones only. */
const REGULAR = [
  "maximum", "window", "opening_connections", "closing_connections", "waiters", "wait_p50", "wait_p95", "wait_p99", "timeouts",
  "refused", "connect_errors", "lost_connections", "failed_queries", "slow_queries", "leaks", "resizes",
] as const satisfies readonly (keyof Stats)[];

export type RegularField = (typeof REGULAR)[number];
export type Field = (typeof ALWAYS)[number] | RegularField;

/** A pool's numbers by their names on the wire; `null` for what wasn't said. */
export type Numbers = Readonly<Record<Field, number | null>>;

export interface Sample extends Numbers {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of a `stats_update`; otherwise of a `pool_resized`, which has fewer numbers. */
  readonly regular: boolean;
}

export const REASONS = ["high_utilization", "overflow", "low_utilization", "manual"] as const satisfies readonly Messages["pool_resized"]["reason"][];

export interface Resize {
  readonly key: string;
  readonly at: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: (typeof REASONS)[number] | null;
  /** Utilization in % of the samples that caused it, oldest first. */
  readonly samples: readonly number[];
  readonly id: string | null;
  readonly after: Numbers;
}

export interface Slow {
  readonly key: string;
  readonly at: number;
  readonly duration: number | null;
  readonly limit: number | null;
  readonly query: string | null;
  readonly truncated: boolean;
  readonly failed: boolean;
  /** Slow queries before this one that were counted and not told. */
  readonly suppressed: number | null;
}

export interface Leak {
  readonly key: string;
  readonly at: number;
  readonly held: number | null;
  readonly limit: number | null;
  readonly stack: readonly string[];
  readonly task: string | null;
  readonly pid: number | null;
  readonly suppressed: number | null;
}

export interface Pool {
  /** Different for each pool of each process; fit for an address. */
  readonly key: string;
  readonly name: string | null;
  readonly node: string | null;
  /** When it last said something, in milliseconds since 1970. */
  readonly last: number;
  /** Oldest first, as all lists here. */
  readonly samples: readonly Sample[];
  readonly resizes: readonly Resize[];
  readonly slow: readonly Slow[];
  readonly leaks: readonly Leak[];
}

interface Growing extends Pool {
  last: number;
  readonly samples: Sample[];
  readonly resizes: Resize[];
  readonly slow: Slow[];
  readonly leaks: Leak[];
}

/** Sorts messages, oldest first, by the pool that they are about. Pools come by name and process. */
export function poolsOf(publications: readonly Publication[]): readonly Pool[] {
  const pools = new Map<string, Growing>();
  for (const publication of publications) {
    const at = Date.parse(publication.timestamp);
    const take = TAKING[publication.type];
    if (take && Number.isFinite(at)) take(poolOf(pools, publication, at), publication, at);
  }
  return [...pools.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

type Take = (pool: Growing, publication: Publication, at: number) => void;

const TAKING: Readonly<Record<string, Take>> = {
  stats_update: (pool, publication, at) => pool.samples.push({ ...numbersOf(publication), at, regular: true }),
  pool_resized(pool, publication, at) {
    const { old_size, new_size, reason, samples, resize_id } = fieldsOf<"pool_resized">(publication);
    const after = numbersOf(publication);
    pool.samples.push({ ...after, at, regular: false });
    pool.resizes.push({
      key: keyOf(publication), at, from: amount(old_size), to: amount(new_size), reason: word(reason, REASONS),
      samples: amounts(samples), id: text(resize_id), after,
    });
  },
  slow_query(pool, publication, at) {
    const { duration, limit, query, truncated, failed, suppressed } = fieldsOf<"slow_query">(publication);
    pool.slow.push({
      key: keyOf(publication), at, duration: amount(duration), limit: amount(limit), query: text(query),
      truncated: truncated === true, failed: failed === true, suppressed: amount(suppressed),
    });
  },
  pool_leak_suspected(pool, publication, at) {
    const { held_seconds, limit_seconds, stack, task, backend_pid, suppressed } = fieldsOf<"pool_leak_suspected">(publication);
    pool.leaks.push({
      key: keyOf(publication), at, held: amount(held_seconds), limit: amount(limit_seconds), stack: lines(stack),
      task: text(task), pid: amount(backend_pid), suppressed: amount(suppressed),
    });
  },
};

function poolOf(pools: Map<string, Growing>, publication: Publication, at: number): Growing {
  const said = fieldsOf<"stats_update">(publication);
  const [name, node] = [text(said.pool), text(said.node)];
  // "/" parts the two, so none may be left in either.
  const key = [name, node].map((part) => (part ?? "").replace(/[%/]/g, encodeURIComponent)).join("/");
  let pool = pools.get(key);
  if (!pool) pools.set(key, (pool = { key, name, node, last: at, samples: [], resizes: [], slow: [], leaks: [] }));
  pool.last = Math.max(pool.last, at);
  return pool;
}

function numbersOf(publication: Publication): Numbers {
  const said = fieldsOf<"stats_update">(publication);
  const numbers = {} as Record<Field, number | null>;
  for (const field of ALWAYS) numbers[field] = amount(said[field]);
  for (const field of REGULAR) numbers[field] = amount(said[field]);
  // By the schema a mean of 0 says that there was no query to have a time.
  if (numbers.avg_query_time === 0) numbers.avg_query_time = null;
  return numbers;
}

const keyOf = ({ epoch, offset, timestamp }: Publication) => `${epoch ?? timestamp}:${offset ?? ""}`;

/** The newest of every number: a resize has fewer than a regular message. `undefined` until the pool said any. */
export function newest({ samples }: Pick<Pool, "samples">): Sample | undefined {
  const last = samples.at(-1);
  const regular = samples.filter((sample) => sample.regular).at(-1);
  if (!last || last.regular || !regular) return last;
  return { ...last, ...(Object.fromEntries(REGULAR.map((field) => [field, regular[field]])) as Pick<Numbers, RegularField>) };
}

/** Milliseconds of silence after which a pool isn't taken for one that runs: five of the usual intervals of a minute. */
const SILENCE = 300_000;

/** The pool that was asked for; else the first that runs, else the first. */
export const chosen = (pools: readonly Pool[], key: string, now: number): Pool | undefined =>
  pools.find((pool) => pool.key === key) ?? pools.find(({ last }) => now - last < SILENCE) ?? pools[0];
