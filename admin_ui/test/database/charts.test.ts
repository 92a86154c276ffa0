import { describe, expect, it } from "vitest";
import { lineOf, marksOf, pointsOf, thinned, toneOf, typicalInterval } from "../../src/pages/database/charts";
import type { Resize, Sample } from "../../src/pages/database/pools";

const sample = (at: number, active: number | null, regular = true): Sample => ({ at, regular, active_connections: active, waiters: regular ? 1 : null }) as Sample;
const minutes = (...times: number[]) => times.map((time, index) => sample(time * 60_000, index));
const resize = (at: number, from: number, to: number) => ({ at, from, to, reason: "overflow" }) as Resize;

describe("a line", () => {
  it("has a hole where the pool was silent for long", () => {
    const points = pointsOf(minutes(0, 1, 2, 3, 60, 61), "active_connections");
    expect(points.map(([at, value]) => [Math.round(at / 60_000), value])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3], [3, null], [60, 4], [61, 5]]);
  });

  it("has the points of resizes, but only for what they tell", () => {
    const samples = [sample(0, 1), sample(500, 2, false), sample(1_000, 3)];
    expect(pointsOf(samples, "active_connections").map(([, value]) => value)).toEqual([1, 2, 3]);
    expect(pointsOf(samples, "waiters").map(([at]) => at)).toEqual([0, 1_000]);
  });

  it("isn't there when nothing told its value", () => {
    expect(lineOf([sample(0, null)], "active_connections", { name: "In use" })).toEqual([]);
  });
});

describe("many samples", () => {
  const samples = Array.from({ length: 1_000 }, (_, at) => sample(at * 10, at));

  it("are thinned to what can be drawn, and the newest stays", () => {
    const few = thinned(samples, 100);
    expect([few.length, few[0]?.at, few.at(-1)?.at]).toEqual([100, 100, 9_990]);
    expect(thinned(samples, 1_000)).toBe(samples);
    expect(thinned([], 1)).toEqual([]);
  });
});

describe("the usual interval", () => {
  it("is the median, which one pause doesn't change", () => expect(typicalInterval(minutes(0, 1, 2, 3, 60, 61))).toBe(60_000));
  it("isn't known from three messages", () => expect(typicalInterval(minutes(0, 1, 2))).toBe(Infinity));
});

describe("marks", () => {
  it("stand where a resize was, with a word where there is room", () => {
    const marks = marksOf([resize(-5, 1, 2), resize(0, 4, 5), resize(10, 5, 7), resize(500, 7, 5), resize(2_000, 5, 4)], [0, 1_000], ({ to }) => `to ${to}`);
    expect(marks).toEqual([
      { at: 0, text: "to 5", tone: "accent" }, { at: 10, text: "", tone: "accent" }, { at: 500, text: "to 5", tone: "good" },
    ]);
  });

  it("are left out where they would hide the chart; the table has them all", () => {
    expect(marksOf(Array.from({ length: 49 }, (_, at) => resize(at, 1, 2)), [0, 1_000], () => "x")).toEqual([]);
  });

  it("of an unknown size take no side", () => expect(toneOf({ from: null, to: 3 })).toBe("accent"));
});
