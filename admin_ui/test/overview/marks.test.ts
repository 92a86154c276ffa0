import { describe, expect, it } from "vitest";
import { brokerAway, clusters, together, turnings } from "../../src/pages/overview/marks";
import { processesOf } from "../../src/pages/overview/samples";
import { telling } from "./told";

const AWAY = { broker_available: false, degraded: "no broker" };

describe("times without the broker", () => {
  it("are one though several processes tell of them, and last while one does", () => {
    const a = [...telling("a", 5, 20), ...telling("a", 25, 40, AWAY, 0), ...telling("a", 45, 60, {}, 0)];
    const b = [...telling("b", 7, 22), ...telling("b", 27, 47, AWAY, 0), ...telling("b", 52, 62, {}, 0)];
    expect(brokerAway(processesOf([...a, ...b], 63_000))).toEqual([{ from: 20_000, to: 47_000, reason: "no broker" }]);
  });

  it("are open as long as they last, and end with their process", () => {
    const away = [...telling("a", 5, 20), ...telling("a", 25, 40, AWAY, 0)];
    expect(brokerAway(processesOf(away, 41_000))).toMatchObject([{ from: 20_000, to: undefined }]);
    expect(brokerAway(processesOf(away, 90_000))).toMatchObject([{ from: 20_000, to: 40_000 }]);
  });
});

describe("turnings", () => {
  it("tell who started and ended since then, and no more", () => {
    const processes = processesOf([...telling("old", 100, 150, {}, -9_000), ...telling("new", 160, 200, {}, 155)], 201_000);
    expect(turnings(processes, [{ from: 120_000, to: 130_000 }], 0).map(({ at, turn, nodes }) => [at / 1000, turn, ...nodes])).toEqual([
      [120, "away"],
      [130, "back"],
      [150, "ended", "old"],
      [155, "started", "new"],
    ]);
  });

  it("of one sort within a short while are one", () => {
    const all = [0, 2, 4, 300].map((at) => ({ at, turn: "started" as const, nodes: [`n${at}`] }));
    expect(together(all, 10)).toEqual([{ at: 0, turn: "started", nodes: ["n0", "n2", "n4"] }, all[3]]);
  });

  it("that stand close together are told in one place", () => {
    const all = [0, 5, 9, 11].map((at, index) => ({ at, turn: index % 2 ? ("ended" as const) : ("started" as const), nodes: [] }));
    expect(clusters(all, 10).map((cluster) => cluster.map(({ at }) => at))).toEqual([[0, 5, 9], [11]]);
  });
});
