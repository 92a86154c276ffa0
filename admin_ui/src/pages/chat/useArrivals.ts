import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useAgain, useMember, useMyList } from "../../hub/member";
import { listening, NONE, withList } from "./arrivals";

/** Milliseconds between two readings: another tab or device may have begun a session. */
export const EVERY = 15_000;

/** What ends a run. */
const ENDS: readonly string[] = ["TASK_COMPLETED", "TASK_CANCELLED", "ERROR"];

const Context = createContext<ReadonlySet<string>>(NONE.unread);

/** Gives everything below the conversations with an answer that nobody has looked at. */
export const Unread = Context.Provider;

export const useUnread = (): ReadonlySet<string> => useContext(Context);

/** Follows what is answered in conversations other than `shown`, and in that one while the tab is hidden. */
export function useArrivals(shown: string | undefined): ReadonlySet<string> {
  const { hub } = useMember();
  const again = useAgain();
  const sessions = useMyList("/my/chat/sessions/", {}, { every: EVERY }).data;
  const visible = useSyncExternalStore(followVisibility, () => document.visibilityState === "visible");
  const looked = visible ? shown : undefined;
  const [arrivals, setArrivals] = useState(NONE);
  useEffect(() => {
    if (sessions) setArrivals((before) => withList(before, sessions, looked));
  }, [sessions, looked]);
  const channels = listening(arrivals);
  useEffect(() => {
    const subscriptions = channels.split(" ").filter(Boolean).map((id) => {
      const subscription = hub.subscribe(`session:${id}`, { queue: 1 });
      const read = () => again("/my/chat/sessions/");
      subscription.addEventListener("publication", ({ detail: { type } }) => ENDS.includes(type) && read());
      subscription.addEventListener("state", ({ detail: { state } }) => state === "live" && read()); // it may have ended before
      return subscription;
    });
    return () => subscriptions.forEach((subscription) => subscription.close());
  }, [hub, channels, again]);
  return arrivals.unread;
}

/** The tab's title; it goes with whoever set it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tocsin`;
    return () => void (document.title = "Tocsin");
  }, [title]);
}

function followVisibility(changed: () => void): () => void {
  document.addEventListener("visibilitychange", changed);
  return () => document.removeEventListener("visibilitychange", changed);
}
