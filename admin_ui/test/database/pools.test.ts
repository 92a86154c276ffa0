import type { Publication } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { chosen, newest, poolsOf } from "../../src/pages/database/pools";

const NOON = Date.UTC(2026, 10, 21, 12);
let offset = 0;

const said = (type: string, seconds: number, data: unknown): Publication => ({
  type, channel: "db_pool_stats", data, timestamp: new Date(NOON + seconds * 1000).toISOString(), epoch: "e", offset: ++offset,
});

const NUMBERS = {
  pool_size: 20, active_connections: 18, idle_connections: 2, overflow_connections: 0, utilization: 90, qps: 412.5,
  avg_query_time: 3.25, max_wait_time: 18.5, total_queries: 91_204, pool: "orders", node: "web-1",
};

describe("pools", () => {
  it("of each process are apart, by name and process", () => {
    const pools = poolsOf([
      said("stats_update", 0, { ...NUMBERS, node: "web-2" }),
      said("stats_update", 1, NUMBERS),
      said("slow_query", 2, { duration: 5, limit: 1, query: "SELECT 1", truncated: false, failed: true, pool: "orders", node: "web-2" }),
      said("stats_update", 3, { ...NUMBERS, pool: null, node: null }),
      said("stats_update", 4, { ...NUMBERS, pool: "a/b", node: "c" }),
      said("stats_update", 5, { ...NUMBERS, pool: "a", node: "b/c" }),
    ]);
    expect(pools.map(({ name, node, samples, slow }) => [name, node, samples.length, slow.length])).toEqual([
      [null, null, 1, 0], ["a/b", "c", 1, 0], ["a", "b/c", 1, 0], ["orders", "web-1", 1, 0], ["orders", "web-2", 1, 1],
    ]);
    expect(new Set(pools.map(({ key }) => key)).size).toBe(5);
  });

  it("have their resizes with reason, samples and the numbers after them", () => {
    const [pool] = poolsOf([said("pool_resized", 0, { ...NUMBERS, old_size: 20, new_size: 24, pool_size: 24, reason: "high_utilization", samples: [82, 91.5], resize_id: "r1" })]);
    expect(pool?.resizes).toMatchObject([{ at: NOON, from: 20, to: 24, reason: "high_utilization", samples: [82, 91.5], id: "r1", after: { pool_size: 24, qps: 412.5 } }]);
    expect(pool?.samples).toMatchObject([{ regular: false, pool_size: 24, waiters: null }]);
  });

  it("have leaks with where the connection was borrowed", () => {
    const [pool] = poolsOf([said("pool_leak_suspected", 0, { held_seconds: 61, limit_seconds: 60, active_connections: 1, stack: ["app.py:10 in handler"], task: "t", backend_pid: 7, suppressed: 2 })]);
    expect(pool?.leaks).toMatchObject([{ held: 61, limit: 60, stack: ["app.py:10 in handler"], task: "t", pid: 7, suppressed: 2 }]);
  });

  it("show what isn't there as unknown, and break of no message", () => {
    const pools = poolsOf([
      said("pool_resized", 0, { old_size: 20, new_size: 24 }),
      said("pool_resized", 1, null),
      said("stats_update", 2, [1, 2]),
      said("pool_leak_suspected", 3, { stack: "no list" }),
      said("pool_resized", 4, { old_size: "20", reason: "<script>", samples: [1, "x", null] }),
      said("somebody_elses", 5, { pool: "no pool" }),
      { ...said("stats_update", 6, NUMBERS), timestamp: "never" },
    ]);
    expect(pools).toHaveLength(1);
    expect(pools[0]?.resizes.map(({ from, to, reason, samples }) => [from, to, reason, samples])).toEqual([[20, 24, null, []], [null, null, null, []], [null, null, null, [1]]]);
    expect(newest(pools[0]!)).toMatchObject({ pool_size: null, qps: null, timeouts: null });
  });

  it("know no query time while there was no query", () => {
    const [pool] = poolsOf([said("stats_update", 0, { ...NUMBERS, qps: 0, avg_query_time: 0 })]);
    expect(newest(pool!)).toMatchObject({ qps: 0, avg_query_time: null });
  });
});

describe("the newest numbers", () => {
  it("are those of a resize, and what only a regular message tells from the last of these", () => {
    const [pool] = poolsOf([
      said("stats_update", 0, { ...NUMBERS, waiters: 3, timeouts: 1 }),
      said("pool_resized", 9, { ...NUMBERS, pool_size: 24, old_size: 20, new_size: 24, reason: "overflow" }),
    ]);
    expect(newest(pool!)).toMatchObject({ at: NOON + 9_000, pool_size: 24, waiters: 3, timeouts: 1 });
  });

  it("aren't made up", () => expect(newest({ samples: [] })).toBeUndefined());
});

describe("the chosen pool", () => {
  const pools = poolsOf([said("stats_update", 0, { ...NUMBERS, node: "gone" }), said("stats_update", 3_000, { ...NUMBERS, node: "runs" })]);
  const now = NOON + 3_010_000;

  it("is the one asked for, also when it is silent", () => expect(chosen(pools, pools[0]!.key, now)?.node).toBe("gone"));
  it("is one that runs where none was asked for", () => expect(chosen(pools, "", now)?.node).toBe("runs"));
  it("is some pool when none runs any more", () => expect(chosen(pools, "unknown", now + 1e9)?.node).toBe("gone"));
  it("is none when there is none", () => expect(chosen([], "", now)).toBeUndefined());
});
