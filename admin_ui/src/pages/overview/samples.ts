import type { Publication } from "tocsin-client";
import type { Messages } from "../../hub/messages";

/** What processes told of themselves, put in order: which there are, since when, and what each said at a time. */

/** What a process may tell. Operators are told all of it, everybody else a few. */
export type Numbers = Partial<Messages["hub_stats"]>;

export interface Sample {
  /** Milliseconds since 1970: when it was measured. */
  readonly at: number;
  /** Milliseconds before `at` that it speaks for. */
  readonly interval: number;
  readonly numbers: Numbers;
}

export interface Process {
  /** Another name at each start. */
  readonly node: string;
  /** Oldest first; there is one at least. */
  readonly samples: readonly Sample[];
  readonly last: Sample;
  /** Milliseconds since 1970. */
  readonly started: number | undefined;
  /** It has told nothing for longer than it should. */
  readonly gone: boolean;
}

/** Intervals without a sample after which a process counts as gone: one may be late, and one may get lost. */
const SILENT = 2.5;
/** Intervals after which a sample is late. */
const LATE = 1.25;
/** Milliseconds that it has at least, however short its interval. */
const PATIENCE = 4_000;

/** Puts the publications of `hub_stats` or `system_stats` in order, by process. `now`: milliseconds since 1970, as the hub counts them. */
export function processesOf(publications: readonly Publication[], now: number): readonly Process[] {
  const nodes = new Map<string, Publication[]>();
  for (const publication of publications) {
    if (typeof publication.data !== "object" || publication.data === null) continue;
    const node = String((publication.data as Numbers).node ?? "");
    const told = nodes.get(node);
    if (told) told.push(publication);
    else nodes.set(node, [publication]);
  }
  return settled([...nodes].map(([node, told]) => processOf(node, samplesOf(told), now)), now).sort((a, b) => first(a) - first(b));
}

/** When the newest word is that there are fewer processes, those that are late have ended: their numbers don't count twice. */
function settled(processes: readonly Process[], now: number): Process[] {
  const alive = processes.filter(({ gone }) => !gone).sort((a, b) => b.last.at - a.last.at);
  const known = alive[0]?.last.numbers.processes ?? Infinity;
  const ended = new Set(alive.slice(known).filter(({ last }) => now - last.at > LATE * last.interval));
  return processes.map((process) => (ended.has(process) ? { ...process, gone: true } : process));
}

const first = ({ samples, started }: Process): number => started ?? samples[0]?.at ?? 0;

function processOf(node: string, samples: readonly Sample[], now: number): Process {
  const last = samples.at(-1) as Sample; // a process is known by its samples
  const { uptime } = last.numbers;
  return {
    node,
    samples,
    last,
    started: uptime === undefined ? undefined : last.at - uptime * 1000,
    gone: now - last.at > Math.max(PATIENCE, SILENT * last.interval),
  };
}

function samplesOf(publications: readonly Publication[]): readonly Sample[] {
  const raw = publications.map(({ timestamp, data }) => ({ at: Date.parse(timestamp), numbers: numbersOf(data as object) }));
  const usual = usualGap(raw.map(({ at }) => at));
  const samples = raw.map(({ at, numbers }, index) => ({
    at,
    numbers,
    // `system_stats` doesn't say which time it is about: that since the one before, unless one is missing between them.
    interval: numbers.interval === undefined ? Math.min(at - (raw[index - 1]?.at ?? at - usual), 1.5 * usual) : numbers.interval * 1000,
  }));
  return spread(samples);
}

/** `system_stats` has fewer numbers, one by another name. */
function numbersOf(data: Numbers & { readonly active_connections?: number }): Numbers {
  return data.connections === undefined && data.active_connections !== undefined ? { ...data, connections: data.active_connections } : data;
}

function usualGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at)).sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 0;
}

/** What waited for the broker comes in one heap when it is back: moves it to the times that it is about. */
function spread(samples: Sample[]): readonly Sample[] {
  for (let index = samples.length - 2; index >= 0; index--) {
    const [sample, next] = [samples[index], samples[index + 1]];
    if (sample && next && sample.at > next.at - next.interval / 2) samples[index] = { ...sample, at: next.at - next.interval };
  }
  return samples;
}
