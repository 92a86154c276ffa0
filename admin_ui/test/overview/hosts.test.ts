import { describe, expect, it } from "vitest";
import type { Publication } from "tocsin-client";
import type { Messages } from "../../src/hub/messages";
import { hostsOf } from "../../src/pages/overview/hosts";

type Stats = Messages["host_stats"];

const told = (host: string, at: number, cpu: number | null): Publication<Stats> => ({
  type: "host_stats", channel: "system_alerts", timestamp: new Date(at * 1000).toISOString(),
  data: { host, cpu_percent: cpu, cpu_count: 2, memory_total: 8_000, memory_available: 4_000, memory_percent: 50, uptime: 9 },
});

describe("machines", () => {
  it("are each shown by their newest numbers, by name, and not when those are old", () => {
    const hosts = hostsOf([told("old", 0, 1), told("b", 390, 10), told("a", 391, 20), told("b", 420, 30)], 421_000);
    expect(hosts.map(({ data, at }) => [data.host, data.cpu_percent, at])).toEqual([["a", 20, 391_000], ["b", 30, 420_000]]);
  });

  it("have lines with holes where nothing was told for long, and where nothing was known", () => {
    const [host] = hostsOf([told("a", 0, null), told("a", 30, 5), told("a", 60, 6), told("a", 200, 7), told("a", 230, 8)], 231_000);
    expect(host?.cpu).toEqual([[0, null], [30_000, 5], [60_000, 6], [90_000, null], [200_000, 7], [230_000, 8]]);
  });
});
