import type { Publication } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { rangeOfSearches, latencyLines, volumeLines } from "../../src/pages/search/charts";
import { collectionsOf, searchesOf, select } from "../../src/pages/search/searches";

const NOON = Date.UTC(2026, 10, 21, 12);
let offset = 0;

const said = (type: string, seconds: number, data: unknown): Publication => ({
  type, channel: "vector_search", data, timestamp: new Date(NOON + seconds * 1000).toISOString(), epoch: "e", offset: ++offset,
});
const progress = (seconds: number, id: string, status: string, percent: number, collection: string | null = null) =>
  said("search_progress", seconds, { query_id: id, progress: percent, status, collection });
const completed = (seconds: number, id: string, fields: object = {}) =>
  said("search_completed", seconds, { query_id: id, collection: "docs", top_k: 5, search_time_ms: 12.5, results_count: 5, ef_search: 100, recall_estimated: null, ...fields });
const failed = (seconds: number, id: string, fields: object = {}) =>
  said("search_failed", seconds, { query_id: id, collection: "docs", status: "failed", stage: "searching", reason: "TimeoutError", search_time_ms: 9, ...fields });

describe("searches", () => {
  it("are under way until they are completed, failed or cancelled", () => {
    const { underWay, completed: done, unfinished } = searchesOf([
      progress(0, "a", "embedding", 0), progress(0, "b", "embedding", 0), progress(0, "c", "searching", 0, "docs"), progress(0, "d", "embedding", 0),
      progress(1, "a", "searching", 50, "docs"), progress(2, "b", "completed", 100), completed(2, "b"), failed(3, "c", { status: "cancelled" }),
      progress(4, "a", "reranking", 75), progress(5, "d", "failed", 50),
    ]);
    expect(underWay).toEqual([{ id: "a", since: NOON, at: NOON + 4_000, progress: 75, stage: "reranking", collection: "docs" }]);
    expect(done.map(({ id, took, ef }) => [id, took, ef])).toEqual([["b", 12.5, 100]]);
    expect(unfinished.map(({ cancelled, stage, reason }) => [cancelled, stage, reason])).toEqual([[true, "searching", "TimeoutError"]]);
  });

  it("of the chosen time and collection are shown, and one of several collections with each of them", () => {
    const all = searchesOf([completed(0, "old"), completed(10, "a"), completed(11, "b", { collection: "docs,notes" }), failed(12, "c", { collection: "notes" })]);
    const of = (collection: string) => {
      const { completed, unfinished } = select(all, { from: NOON + 5_000, now: NOON + 20_000, collection });
      return [completed.length, unfinished.length];
    };
    expect(collectionsOf(all)).toEqual(["docs", "notes"]);
    expect([of(""), of("docs"), of("notes"), of("none")]).toEqual([[2, 1], [2, 0], [1, 1], [0, 0]]);
  });

  it("that went silent aren't under way any more", () => {
    const all = searchesOf([progress(0, "lost", "searching", 50, "docs"), progress(100, "new", "embedding", 0), progress(100, "other", "searching", 0, "notes")]);
    const { underWay } = select(all, { from: NOON, now: NOON + 130_000, collection: "docs" });
    expect(underWay.map(({ id }) => id)).toEqual(["new"]);
  });

  it("break of no message", () => {
    const { completed: done, unfinished, underWay } = searchesOf([
      said("search_completed", 0, null), said("search_failed", 0, "text"), said("search_progress", 0, { query_id: 7 }),
      said("search_completed", 0, { collection: ["x"], search_time_ms: "1", recall_estimated: "0.9" }),
    ]);
    expect([done.length, unfinished.length, underWay.length]).toEqual([2, 1, 0]);
    expect(done[1]).toMatchObject({ collection: null, took: null, recall: null, topK: null, parts: { embedding: null } });
  });
});

describe("charts", () => {
  const all = searchesOf([...Array.from({ length: 30 }, (_, n) => completed(n * 2, `q${n}`, { search_time_ms: n })), failed(30, "f")]);
  const range = rangeOfSearches(all, NOON + 60_000, 3_600_000);

  it("begin where there is something", () => expect(range).toEqual([NOON, NOON + 60_000]));

  it("count searches per minute by how they ended, in whole parts of time", () => {
    const lines = volumeLines(all, range, { completed: "Completed", failed: "Failed", cancelled: "Cancelled" });
    expect(lines.map(({ name }) => name)).toEqual(["Completed", "Failed"]);
    expect(lines[0]?.points[0]).toEqual([NOON, 36]); // three in five seconds
    expect(lines[0]?.points.reduce((sum, [, value]) => sum + (value ?? 0) * (5 / 60), 0)).toBeCloseTo(30);
  });

  it("have a hole where nothing was measured", () => {
    const sparse = searchesOf([completed(0, "a", { search_time_ms: 3 }), completed(50, "b", { search_time_ms: 5 })]);
    const [p50] = latencyLines(sparse, [NOON, NOON + 60_000]);
    expect(p50?.points.filter(([, value]) => value !== null)).toEqual([[NOON, 3], [NOON + 50_000, 5]]);
    expect(p50?.points).toHaveLength(13);
  });
});
