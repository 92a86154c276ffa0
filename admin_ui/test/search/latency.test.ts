import { describe, expect, it } from "vitest";
import { binsOf, histogram, mean, quantiles, widthOf } from "../../src/pages/search/latency";

describe("quantiles", () => {
  it("are measured values, by the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(quantiles(hundred)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
    expect(quantiles([10, null, 2])).toEqual({ count: 2, p50: 2, p95: 10, p99: 10 });
  });

  it("of nothing aren't known", () => {
    expect(quantiles([null])).toEqual({ count: 0, p50: null, p95: null, p99: null });
    expect(mean([null])).toBeNull();
  });
});

describe("bins", () => {
  it("hold every item of the range once, empty ones too", () => {
    const items = [{ at: 1_500 }, { at: 1_999 }, { at: 4_000 }, { at: 9_999 }];
    const bins = binsOf(items, [1_200, 5_000], 1_000);
    expect(bins.map(({ at, items }) => [at, items.length])).toEqual([[1_000, 2], [2_000, 0], [3_000, 0], [4_000, 1], [5_000, 0]]);
  });

  it("are as narrow as the number of items allows", () => {
    expect([widthOf(60_000, 10), widthOf(3_600_000, 100), widthOf(3_600_000, 100_000)]).toEqual([5_000, 300_000, 60_000]);
  });
});

describe("a histogram", () => {
  it.each([[[12]], [[0, 0.0005, 3]], [[0.4, 1, 9.9, 10, 950]], [[1e-9, 1e9]], [Array.from({ length: 500 }, (_, n) => 1.013 ** n)]])("counts each of %j in the bucket that it belongs to", (values: number[]) => {
    const buckets = histogram(values);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    for (const { from, to, count } of buckets) expect(count, `${from} to ${to}`).toBe(values.filter((value) => (value > from || (from === 0 && value === 0)) && value <= to).length);
    expect(buckets.length).toBeLessThanOrEqual(25);
  });

  it("of nothing is empty", () => expect(histogram([])).toEqual([]));
});
