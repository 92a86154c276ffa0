import { useInfiniteQuery } from "@tanstack/react-query";
import type { HubError } from "tocsin-client";
import { useSession } from "../../../hub/session";
import { firstAsk, firstAt, queryOf, shownOf, type Ask, type Piece, type Shown, type Stored, type Way } from "./pages";

const HISTORY = "/api/channels/{channel}/history";

/** Milliseconds since 1970 to begin at, or an offset, or neither. */
export type Start = { readonly time: number } | { readonly offset: number } | undefined;

interface Asked {
  readonly channel: string;
  readonly start: Start;
  readonly newestFirst: boolean;
}

/** A channel's history, page after page. Read once: what comes later is on the page of live messages. */
export function useHistory({ channel, start, newestFirst }: Asked) {
  const { api, refused } = useSession();
  return useInfiniteQuery<Shown, HubError, { pages: Shown[] }, readonly unknown[], Ask | undefined>({
    // Each entry is one line of reading; cleared or published, all of them begin anew.
    queryKey: [HISTORY, channel, start ?? "end", newestFirst],
    initialPageParam: undefined,
    queryFn: async ({ pageParam, signal }) => {
      const read = (query: { since?: string; limit: number; reverse?: boolean }): Promise<Piece> => api.get(HISTORY, { params: { channel }, query, signal });
      const now = pageParam ? undefined : await read({ limit: 0 });
      const current = pageParam?.epoch ?? now?.epoch ?? "";
      const way: Way = { newestFirst, from: now && (await offsetOf(start, now, read)) };
      const ask = pageParam ?? firstAsk(way);
      return shownOf(ask, await read(queryOf(ask, current)), way);
    },
    getNextPageParam: (last) => last.next,
    enabled: !refused,
    staleTime: Infinity,
  });
}

/** The offset to begin with. Above the newest there is nothing, whatever number it has. */
async function offsetOf(start: Start, { epoch, offset: top }: Piece, read: (query: { since: string; limit: number }) => Promise<Piece>): Promise<number | undefined> {
  if (!start) return undefined;
  if ("offset" in start) return Math.min(start.offset, top + 1);
  const after = async (offset: number): Promise<Stored | undefined> => (await read({ since: `${epoch}:${offset}`, limit: 1 })).publications[0];
  return (await firstAt(start.time, top, after)) ?? top + 1;
}
