import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Messages } from "./messages";
import type { paths } from "./schema";
import { useSession } from "./session";

/** Milliseconds between two readings that messages cause, however many come. */
const PACE = 400;

/**
 * Reads answers again when a message on a channel says that they aren't true any more.
 *
 * `types`: those of the messages that count; all unless told. Give constants: each new array subscribes anew.
 */
export function useStale(channel: string, stale: readonly (keyof paths)[], types?: readonly (keyof Messages)[]): void {
  const { hub } = useSession();
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      for (const path of stale) void queries.invalidateQueries({ queryKey: [path] });
    };
    const subscription = hub.subscribe(channel, { queue: 1 });
    subscription.addEventListener("publication", ({ detail }) => {
      if (!types || (types as readonly string[]).includes(detail.type)) timer ??= setTimeout(read, PACE);
    });
    return () => {
      clearTimeout(timer);
      subscription.close();
    };
  }, [hub, queries, channel, stale, types]);
}
