import { describe, expect, it } from "vitest";
import type { Completed, Unfinished } from "../../src/pages/search/searches";
import { endingsOf, exactReasons, partsOf, recallKinds, slowest } from "../../src/pages/search/summary";

const search = (fields: Partial<Completed>): Completed => ({
  key: "k", at: 0, id: "q", collection: "docs", query: null, took: 10, data: {}, topK: 5, results: 5, ef: 100, recall: null, low: null, high: null,
  samples: null, exact: null, parts: { embedding: null, searching: null, reranking: null }, ...fields,
});

describe("recall", () => {
  it("is the newest estimate of each kind, the lowest kind first", () => {
    const kinds = recallKinds([
      search({ at: 1, recall: 0.9, low: 0.8, high: 0.95, samples: 40 }),
      search({ at: 2, recall: 0.97, low: 0.9, high: 0.99, samples: 50 }),
      search({ at: 3 }),
      search({ at: 4, collection: "notes", recall: 0.7, low: 0.6, high: 0.8, samples: 30 }),
    ]);
    expect(kinds.map(({ collection, recall, samples, searches, at }) => [collection, recall, samples, searches, at])).toEqual([["notes", 0.7, 30, 1, 4], ["docs", 0.97, 50, 3, 2]]);
  });

  it("is unknown until it was measured, and not asked of exact searches", () => {
    expect(recallKinds([search({}), search({ ef: null, exact: "no index", recall: 1 })])).toMatchObject([{ ef: 100, recall: null, low: null, samples: null, searches: 1 }]);
  });
});

describe("parts", () => {
  it("are over the searches that had them, and their share over all time", () => {
    const parts = partsOf([
      search({ took: 10, parts: { embedding: 4, searching: 5, reranking: null } }),
      search({ took: 30, parts: { embedding: null, searching: 15, reranking: 10 } }),
    ]);
    expect(parts.map(({ stage, count, mean, p95, share }) => [stage, count, mean, p95, share])).toEqual([
      ["embedding", 1, 4, 4, 0.1], ["searching", 2, 10, 15, 0.5], ["reranking", 1, 10, 10, 0.25],
    ]);
  });

  it("of nothing have no share", () => expect(partsOf([]).map(({ share, mean }) => [share, mean])).toEqual([[null, null], [null, null], [null, null]]));
});

it("failures and cancellations are counted by where and why, the most frequent first", () => {
  const ended = (at: number, cancelled: boolean, reason: string) => ({ at, cancelled, reason, stage: "searching" }) as Unfinished;
  const endings = endingsOf([ended(1, false, "TimeoutError"), ended(2, true, "CancelledError"), ended(3, false, "TimeoutError")]);
  expect(endings.map(({ reason, cancelled, count, at }) => [reason, cancelled, count, at])).toEqual([["TimeoutError", false, 2, 3], ["CancelledError", true, 1, 2]]);
});

it("exact searches are apart, by their reason", () => {
  const reasons = exactReasons([search({}), search({ exact: "no index", took: 1, at: 1 }), search({ exact: "asked for", at: 2 }), search({ exact: "no index", took: 3, at: 3 })]);
  expect(reasons).toEqual([{ reason: "no index", count: 2, p50: 1, at: 3 }, { reason: "asked for", count: 1, p50: 10, at: 2 }]);
});

it("the slowest searches come first, and so many of them", () => {
  expect(slowest([search({ took: 1 }), search({ took: null }), search({ took: 9 }), search({ took: 5 })], 2).map(({ took }) => took)).toEqual([9, 5]);
});
