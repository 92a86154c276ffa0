import { describe, expect, it } from "vitest";
import { processesOf } from "../../src/pages/overview/samples";
import { latest, series, sum, worst, type Points } from "../../src/pages/overview/series";
import { telling, told } from "./told";

const HOUR = { from: 0, to: 3_600_000 };
const connections = (publications: Parameters<typeof processesOf>[0], now: number): Points => series(processesOf(publications, now * 1000), { ...HOUR, to: now * 1000 }, (at) => at.connections, sum);
const values = (points: Points) => [...new Set(points.map(([, value]) => value))];

describe("a line over several processes", () => {
  it("is even though they report at different moments", () => {
    const points = connections([...telling("a", 5, 100), ...telling("b", 7.5, 97.5, {}, -600), ...telling("c", 9, 99, {}, -600)], 101);
    expect(values(points.filter(([at]) => at > 5_000))).toEqual([30]);
    expect(points.at(-1)?.[0]).toBe(95_000); // until all have reported
  });

  it("neither dips nor leaps where one takes another's place", () => {
    const old = telling("old", 5, 52, { connections: 40 }, -600);
    const points = connections([...old, ...telling("new", 56, 101, { connections: 40 }, 51)], 102);
    expect(points.filter(([, value]) => value === null).length).toBeLessThanOrEqual(2);
    const known = points.map(([, value]) => value).filter((value) => value !== null);
    expect([...new Set(known)]).toEqual([40]);
  });

  it("has holes, and no dip, while workers are replaced one by one", () => {
    const begun = { interval: 0.3 }; // the first sample says how long the hub in the process is there
    const older = [...telling("a", 5, 50, {}, -600), ...telling("b", 6, 56, {}, -600)];
    const newer = [told("c", 54, begun, 50), ...telling("c", 59, 100, {}, 50), told("d", 63, begun, 58), ...telling("d", 68, 100, {}, 58)];
    const points = connections([...older, ...newer], 101).filter(([at]) => at > 10_000);
    expect([...new Set(points.map(([, value]) => value))].sort()).toEqual([20, null]);
    expect(points.filter(([, value]) => value === null).map(([at]) => at / 1000)).toEqual([55, 60]);
  });

  it("doesn't take the age of a process for that of the hub in it", () => {
    const points = connections([...telling("a", 5, 50, {}, -9_000), ...telling("b", 65, 100, {}, -9_000)], 101);
    expect(points.filter(([, value]) => value === 10).length).toBeGreaterThan(15);
  });

  it("has a hole where nobody lived, or a living one said nothing", () => {
    const away = connections([...telling("a", 5, 30), ...telling("b", 65, 100, {}, 60)], 101);
    expect(away.filter(([, value]) => value === null).map(([at]) => at / 1000)).toEqual([35, 40, 45, 50, 55, 60]);
    const silent = telling("a", 5, 100).filter((_, index) => index < 5 || index > 9); // told 25 s, then 55 s: 5 s each
    const holes = connections([...silent, ...telling("b", 5, 100)], 101).filter(([, value]) => value === null);
    expect(holes.map(([at]) => at / 1000)).toEqual([30, 35, 40, 45]);
  });

  it("adds rates up, and of times has the worst; what one didn't measure is left to the others", () => {
    const processes = processesOf(
      [told("a", 5, { publish_to_write_p99: 4 }), told("b", 5, { publish_to_write_p99: 9 }), told("c", 5, { publish_to_write_p99: null })],
      6_000,
    );
    expect(latest(processes, (at) => at.publications_per_second, sum)).toBe(300);
    expect(latest(processes, (at) => at.publish_to_write_p99, worst)).toBe(9);
    expect(series(processes, HOUR, (at) => at.publish_to_write_p99, worst)).toEqual([[5_000, 9]]);
  });

  it("doesn't count who is gone, and knows nothing of nobody", () => {
    const processes = processesOf([...telling("gone", 5, 20), ...telling("here", 5, 100)], 101_000);
    expect(latest(processes, (at) => at.connections, sum)).toBe(10);
    expect(latest([], (at) => at.connections, sum)).toBeNull();
    expect(series([], HOUR, (at) => at.connections, sum)).toEqual([]);
  });
});
