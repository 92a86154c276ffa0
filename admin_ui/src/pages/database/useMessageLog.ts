import { useEffect, useRef } from "react";
import { usePaced } from "../../components/usePaced";
import { useFeed } from "../../hub/live";

/** Messages that are written down at a time, four times a second: of a flood the newest. Pools say something once a minute. */
const KEPT = 50;

/** Writes each message that comes in while the page is open to the browser's console, as it came. History isn't repeated there. */
export function useMessageLog(channel: string): void {
  const { publications, received } = usePaced(useFeed(channel, { history: false, limit: KEPT }));
  const written = useRef(0);
  useEffect(() => {
    const fresh = received - written.current;
    written.current = received;
    if (fresh > 0) for (const publication of publications.slice(-fresh)) console.log("📨 收到消息:", publication);
  }, [publications, received]);
}
