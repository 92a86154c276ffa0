/** How many publications a channel gets, from the offsets of its newest one at different times. */

export interface Reading {
  readonly channel: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Absent where the channel keeps no history, and so no positions. */
  readonly epoch?: string | undefined;
  readonly offset?: number | undefined;
}

export interface Pace {
  readonly last: Reading;
  /** Publications a second between two readings, oldest first; `null` where it isn't known. */
  readonly line: readonly (number | null)[];
}

export type Paces = ReadonlyMap<string, Pace>;

/** Readings that a line goes back. */
const LINE = 40;

/** Adds readings. One that was there before changes nothing; a channel without one is forgotten. */
export const advanced = (paces: Paces, readings: readonly Reading[]): Paces =>
  new Map(
    readings
      .filter(({ epoch, offset }) => epoch !== undefined && offset !== undefined)
      .map((reading) => [reading.channel, next(paces.get(reading.channel), reading)]),
  );

function next(pace: Pace | undefined, reading: Reading): Pace {
  if (!pace) return { last: reading, line: [] };
  if (reading.at <= pace.last.at) return pace;
  return { last: reading, line: [...pace.line, between(pace.last, reading)].slice(-LINE) };
}

function between(last: Reading, now: Reading): number | null {
  if (last.epoch !== now.epoch || last.offset === undefined || now.offset === undefined) return null;
  const more = now.offset - last.offset;
  return more < 0 ? null : (more * 1000) / (now.at - last.at);
}

/** Publications a second now; `null` until it is known. */
export const paceNow = (pace: Pace | undefined): number | null => pace?.line.at(-1) ?? null;
