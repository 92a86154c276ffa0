import { useMemo } from "react";
import { useFeeds } from "../../hub/live";
import { useSession } from "../../hub/session";
import { happeningOf, happeningOfTurning, inOrder, SOURCES, TYPES, type Happening } from "./happenings";
import type { Turning } from "./marks";

/** Of each channel, what may be worth telling and is kept: an hour of all but the busiest. */
const LIMIT = 1_000;

/** What happened since `from`, on all channels that the token may see, and to the hub itself. */
export function useHappenings(turned: readonly Turning[], from: number): readonly Happening[] {
  const { hub, user } = useSession();
  const own = user === undefined ? [] : [`user:${user}`];
  const feeds = useFeeds([...SOURCES, ...own].filter((channel) => hub.channels.includes(channel)), { limit: LIMIT, types: TYPES });
  const told = useMemo(() => feeds.flatMap(({ publications }) => publications.flatMap((one) => happeningOf(one) ?? [])), [feeds]);
  return useMemo(() => inOrder([...told, ...turned.map(happeningOfTurning)], from), [told, turned, from]);
}
