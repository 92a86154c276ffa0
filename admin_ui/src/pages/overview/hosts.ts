import type { Publication } from "tocsin-client";
import type { Messages } from "../../hub/messages";
import type { Points } from "./series";

export interface HostNow {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly data: Messages["host_stats"];
  /** Oldest first. */
  readonly cpu: Points;
  readonly memory: Points;
}

/** Milliseconds after which a machine's numbers aren't those of now; they come every 30 s unless told otherwise. */
const OLD = 300_000;

/** Gaps longer than this many times the usual one are holes. */
const HOLE = 2.5;

/** Each machine by name: its newest numbers, and how they went. `now`: milliseconds since 1970. */
export function hostsOf(told: readonly Publication<Messages["host_stats"]>[], now: number): readonly HostNow[] {
  const hosts = new Map<string, { at: number; data: Messages["host_stats"] }[]>();
  for (const { timestamp, data } of told) {
    if (typeof data?.host !== "string") continue;
    const samples = hosts.get(data.host) ?? [];
    hosts.set(data.host, samples);
    samples.push({ at: Date.parse(timestamp), data });
  }
  return [...hosts.values()]
    .flatMap((samples) => {
      const last = samples.at(-1);
      if (!last || now - last.at >= OLD) return [];
      const line = (read: (data: Messages["host_stats"]) => number | null | undefined) => holed(samples.map(({ at, data }) => [at, read(data) ?? null] as const));
      return [{ ...last, cpu: line(({ cpu_percent }) => cpu_percent), memory: line(({ memory_percent }) => memory_percent) }];
    })
    .sort((a, b) => a.data.host.localeCompare(b.data.host));
}

/** Breaks a line where nothing was told for long. */
function holed(points: Points): Points {
  const gaps = points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)).sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 0;
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return before && point[0] - before[0] > HOLE * usual ? [[before[0] + usual, null] as const, point] : [point];
  });
}
