import type { Publication } from "tocsin-client";
import { useMemo, useSyncExternalStore } from "react";
import { Feed, type FeedOptions, type FeedState } from "tocsin-client/feed";
import { Feeds } from "./feeds";
import type { Messages } from "./messages";
import { useSession } from "./session";

/** A typed message on a channel: `type` says what `data` is. */
export type TypedPublication = {
  [Type in keyof Messages & string]: Publication<Messages[Type]> & { readonly type: Type };
}[keyof Messages & string];

type Kept = Omit<FeedOptions, "every">;

/**
 * A channel, live: see `Feed`. Whatever comes between two frames is shown in one, so thousands of publications a second cost
 * one rendering each 16 ms. `types` is one array for all renderings.
 */
export function useFeed<Data = unknown>(channel: string, { limit = 500, history = true, types }: Kept = {}): FeedState<Data> {
  const { hub } = useSession();
  const feed = useMemo(
    () => new Feed<Data>(hub, channel, { limit, history, every: "frame", ...(types && { types }) }),
    [hub, channel, limit, history, types],
  );
  return useSyncExternalStore(feed.follow, feed.read);
}

/** Several channels, live, in the order of their names; the list may change. `types` is one array for all renderings. */
export function useFeeds(channels: readonly string[], { limit = 500, history = true, types }: Kept = {}): readonly FeedState[] {
  const { hub } = useSession();
  const names = channels.join(" "); // no channel's name has a blank
  const feeds = useMemo(() => {
    const options: FeedOptions = { limit, history, every: "frame", ...(types && { types }) };
    return new Feeds(names.split(" ").filter(Boolean).map((name) => new Feed(hub, name, options)));
  }, [hub, names, limit, history, types]);
  return useSyncExternalStore(feeds.follow, feeds.read);
}

/** Of a feed, the publications of one type. */
export function ofType<Type extends keyof Messages & string>(
  publications: readonly Publication[],
  type: Type,
): readonly Publication<Messages[Type]>[] {
  return publications.filter((publication): publication is Publication<Messages[Type]> => publication.type === type);
}

/** Publications of one type, and only them. The same array until one is added. */
export function useMessages<Type extends keyof Messages & string>(
  { publications }: Pick<FeedState, "publications">,
  type: Type,
): readonly Publication<Messages[Type]>[] {
  return useMemo(() => ofType(publications, type), [publications, type]);
}
