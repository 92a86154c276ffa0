import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { HubError } from "tocsin-client";
import { useAnswer } from "../../../hub/api";
import { useSession } from "../../../hub/session";
import { advanced, type Paces, type Reading } from "./rates";
import { rowsOf, type ChannelState, type Row } from "./rows";

/** Milliseconds between two readings of the named channels, whose rates are the differences. */
const OFTEN = 3_000;
/** Milliseconds between two readings of what may be ten thousand names, and of each other channel that is in view. */
const SELDOM = 5_000;

/** All channels that this page may know of. Operators also get those that only have subscribers. */
export function useChannels() {
  const { operator } = useSession();
  const listed = useAnswer("/api/channels", {}, { every: OFTEN });
  const stats = useAnswer("/api/stats", {}, { every: SELDOM, enabled: operator === true });
  const states = listed.data?.channels;
  const subscribers = operator ? stats.data?.channel_stats : undefined;
  const rows = useMemo(() => rowsOf(states ?? [], subscribers), [states, subscribers]);
  return { listed, rows, partial: stats.data?.partial === true };
}

/** The states of channels that didn't come with the list: of those in view alone, as there may be very many. */
export function useStates(inView: readonly Row[]): readonly UseQueryResult<ChannelState, HubError>[] {
  const { api, refused } = useSession();
  return useQueries({
    queries: inView
      .filter(({ state }) => !state)
      .map(({ channel }) => ({
        queryKey: ["/api/channels/{channel}", { params: { channel } }],
        queryFn: ({ signal }: { signal: AbortSignal }) => api.get("/api/channels/{channel}", { params: { channel }, signal }),
        refetchInterval: SELDOM,
        enabled: !refused,
      })),
  });
}

/** The rates of the channels, as far as their readings tell. */
export function usePaces(readings: readonly Reading[]): Paces {
  const [paces, setPaces] = useState<Paces>(new Map());
  const stamp = readings.map(({ channel, at }) => `${channel} ${at}`).join("\n");
  // Each reading counts once: what is told is the same as long as the stamp is.
  useEffect(() => setPaces((last) => advanced(last, readings)), [stamp]);
  return paces;
}
