import { useEffect, useRef } from "react";
import { useFeed } from "../../hub/live";

/** Messages that may come between two drawings of a page in the background and are still written down. */
const KEPT = 200;

/** Writes each message that comes in while the page is open to the browser's console, as it came. History isn't repeated there. */
export function useMessageLog(channel: string): void {
  const { publications, received } = useFeed(channel, { history: false, limit: KEPT });
  const written = useRef(0);
  useEffect(() => {
    const fresh = received - written.current;
    written.current = received;
    if (fresh > 0) for (const publication of publications.slice(-fresh)) console.log("📨 收到消息:", publication);
  }, [publications, received]);
}
