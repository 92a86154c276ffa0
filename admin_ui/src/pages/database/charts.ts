import type { Line, Mark } from "../../components/TimeChart";
import type { Field, Resize, Sample } from "./pools";

/** Lines and marks of a pool's charts. */

type Point = readonly [at: number, value: number | null];

/** Usual intervals that a pool may be silent for before its lines have a hole: nobody knows what it was then. */
const PATIENCE = 3.5;

/** A field over time, with a hole where the pool was silent. */
export function pointsOf(samples: readonly Sample[], field: Field): readonly Point[] {
  const longest = PATIENCE * typicalInterval(samples);
  const points: Point[] = [];
  let last: number | undefined;
  for (const { at, [field]: value, regular } of samples) {
    if (value === null && !regular) continue; // a resize doesn't say everything
    if (last !== undefined && at - last > longest) points.push([last + 1, null]);
    points.push([at, value]);
    last = at;
  }
  return points;
}

/** Samples that a chart has room for. */
const DRAWN = 1_500;

/** At most so many samples, the last of each part of time: more than a chart has pixels only cost time. */
export function thinned(samples: readonly Sample[], most = DRAWN): readonly Sample[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length <= most) return samples;
  const width = (last.at - first.at) / (most - 1) || 1;
  const slotOf = ({ at }: Sample) => Math.floor((at - first.at) / width);
  return samples.filter((sample, at) => {
    const next = samples[at + 1];
    return !next || slotOf(next) !== slotOf(sample);
  });
}

/** Milliseconds between two regular messages, their median; infinite while there are too few to tell. */
export function typicalInterval(samples: readonly Sample[]): number {
  const times = samples.filter(({ regular }) => regular).map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at)).sort((one, other) => one - other);
  return gaps.length < 3 ? Infinity : (gaps[gaps.length >> 1] ?? Infinity);
}

/** Only a line that has a value somewhere. */
export const lineOf = (samples: readonly Sample[], field: Field, line: Omit<Line, "points">): readonly Line[] => {
  const points = pointsOf(samples, field);
  return points.some(([, value]) => value !== null) ? [{ ...line, points }] : [];
};

/** Words that fit beside each other on a chart, and lines between which something is still seen. */
const [WORDS, MARKS] = [24, 48];

/** Resizes as marks. Those that stand close together have no word each (`name` gives one); of too many none is left. */
export function marksOf(resizes: readonly Resize[], [from, to]: readonly [number, number], name: (resize: Resize) => string): readonly Mark[] {
  const seen = resizes.filter(({ at }) => at >= from && at <= to);
  if (seen.length > MARKS) return [];
  let last = -Infinity;
  return seen.map((resize) => {
    const near = resize.at - last < (to - from) / WORDS;
    if (!near) last = resize.at;
    return { at: resize.at, text: near ? "" : name(resize), tone: toneOf(resize) };
  });
}

/** Growing says that there is load; shrinking that it is over. */
export const toneOf = ({ from, to }: Pick<Resize, "from" | "to">): "accent" | "good" => (from !== null && to !== null && to < from ? "good" : "accent");
