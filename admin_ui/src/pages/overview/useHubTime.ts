import { useRef } from "react";
import { useTick } from "../../components/When";

/** Milliseconds between two looks at the clock. */
const EVERY = 5_000;

/**
 * The time now as the hub counts it, in milliseconds since 1970: a browser whose clock is wrong would take every process for
 * gone. `newest`: when the newest that came was published; it can't be from the future.
 */
export function useHubTime(newest: number | undefined): number {
  const now = useTick(EVERY);
  const ahead = useRef<number>();
  if (newest !== undefined) ahead.current = Math.max(ahead.current ?? -Infinity, newest - Date.now());
  return Math.max(now + (ahead.current ?? 0), newest ?? 0);
}
