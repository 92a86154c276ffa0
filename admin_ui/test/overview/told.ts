import type { Publication } from "tocsin-client";
import type { Numbers } from "../../src/pages/overview/samples";

/** Makes what processes tell: `at` and `from` in seconds of a day that begins at 0. */

export const NUMBERS: Numbers = {
  interval: 5, processes: 1, connections: 10, slow_connections: 0, queued_bytes: 0, publications_per_second: 100, deliveries_per_second: 1_000,
  publish_to_write_p99: 4, memory_usage: 80, cpu_usage: 12, broker_available: true, degraded: null,
};

export const told = (node: string, at: number, numbers: Partial<Numbers> = {}, born = 0): Publication => ({
  type: "hub_stats",
  channel: "hub_stats",
  data: { ...NUMBERS, node, uptime: at - born, ...numbers },
  timestamp: new Date(at * 1000).toISOString(),
  epoch: "e",
  offset: Math.round(at * 10),
});

/** A process that tells its numbers every 5 s. */
export const telling = (node: string, from: number, to: number, numbers: Partial<Numbers> = {}, born = from - 5): Publication[] => {
  const all: Publication[] = [];
  for (let at = from; at <= to; at += 5) all.push(told(node, at, numbers, born));
  return all;
};
