import { useMemo } from "react";
import { rangeOf } from "../../components/range";
import { useSpan } from "../../components/Span";
import { usePaced } from "../../components/usePaced";
import { useFeed } from "../../hub/live";
import { brokerAway, together, turnings, type Run, type Turning } from "./marks";
import { processesOf, type Process } from "./samples";
import type { Span } from "./series";
import { useHubTime } from "./useHubTime";

/** The hub's pulse over the last hour. */
export interface Pulse {
  /** Also those that ended in this hour. */
  readonly processes: readonly Process[];
  readonly away: readonly Run[];
  readonly turned: readonly Turning[];
  /** Milliseconds since 1970, as the hub counts them. */
  readonly now: number;
  /** From the first sample on, an hour at most. */
  readonly span: Span;
  /** The channel can't be followed. */
  readonly error: Error | undefined;
  readonly loading: boolean;
}

export const HOUR = 3_600_000;
/** As many as the hub keeps of `hub_stats`. */
const LIMIT = 20_000;
/** Milliseconds between two looks at all samples: with 16 processes and an hour that takes a tenth of a second. */
const PACE = 1_000;
/** Part of the span within which marks of one kind are one. */
const CLOSE = 0.04;

/** Channels and types that processes tell their numbers on. */
export const FOR_OPERATORS = { channel: "hub_stats", types: ["hub_stats"] } as const;
export const FOR_ALL = { channel: "system_alerts", types: ["system_stats"] } as const;

/** Follows what the processes tell, and looks as far back as the page does. */
export function usePulse({ channel, types }: typeof FOR_OPERATORS | typeof FOR_ALL): Pulse {
  const length = useSpan();
  const { publications: told, state, error } = useFeed(channel, { limit: LIMIT, types });
  const publications = usePaced(told, PACE);
  const newest = publications.at(-1)?.timestamp;
  const now = useHubTime(newest === undefined ? undefined : Date.parse(newest));
  return useMemo(() => {
    const processes = processesOf(publications, now).filter(({ last }) => last.at > now - HOUR);
    const earliest = Math.min(now, ...processes.map(({ samples }) => samples[0]?.at ?? now));
    const [from, to] = rangeOf([{ at: earliest }], now, length);
    const span = { from, to };
    const away = brokerAway(processes);
    const turned = together(turnings(processes, away, now - HOUR), CLOSE * (span.to - span.from));
    return { processes, away, turned, now, span, error, loading: state === "pending" && !processes.length };
  }, [publications, now, length, state, error]);
}
