import { describe, expect, it } from "vitest";
import type { Publication } from "tocsin-client";
import type { Messages } from "../../src/hub/messages";
import { binsOf, countedSince, growth, sumOf } from "../../src/pages/memory/counts";

type Counts = Messages["memory_counts"];

const told = (at: number, created: number, pruned = 0, deleted = 0): Publication<Counts> => ({
  type: "memory_counts", channel: "memory_updates", timestamp: new Date(at).toISOString(), data: { seconds: 10, created, changed: 0, pruned, deleted },
});

describe("the numbers of all owners", () => {
  const counted = countedSince([told(500, 99), told(1_000, 5), told(31_000, 2, 4), told(61_000, 0, 0, 2)], 1_000);

  it("are those since then", () => expect([sumOf(counted, "created"), sumOf(counted, "pruned"), sumOf(counted, "deleted")]).toEqual([7, 4, 2]));

  it("fall into equal parts of the time, and none is lost at either end", () => {
    const bins = binsOf(counted, [1_000, 61_000]);
    expect(bins).toHaveLength(60);
    expect(bins.filter(({ created, pruned, deleted }) => created + pruned + deleted > 0).map(({ at, created, pruned, deleted }) => [at, created, pruned, deleted])).toEqual([
      [2_000, 5, 0, 0], [32_000, 2, 4, 0], [61_000, 0, 0, 2],
    ]);
  });

  it("grow from nothing, and shrink below it when more is forgotten", () => {
    expect(growth(counted, [0, 70_000])).toEqual([[0, 0], [1_000, 5], [31_000, 3], [61_000, 1], [70_000, 1]]);
    expect(growth(countedSince([told(5, 0, 3)], 0), [0, 9])).toEqual([[0, 0], [5, -3], [9, -3]]);
    expect(growth([], [0, 9])).toEqual([]);
  });

  it("count what is no number as nothing", () => {
    const odd = { ...told(1, 0), data: { created: "many", pruned: -5 } as unknown as Counts }; // anybody may have put that there
    expect(countedSince([odd], 0)).toEqual([{ at: 1, created: 0, changed: 0, pruned: 0, deleted: 0 }]);
  });
});
