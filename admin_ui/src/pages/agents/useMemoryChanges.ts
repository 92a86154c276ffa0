import { useEffect } from "react";
import { useAgain, useMember } from "../../hub/member";

/** Milliseconds between two readings that changes cause. */
const PACE = 400;

const TYPES: readonly string[] = ["memory_created", "memory_changed", "memory_pruned", "memory_deleted"];

/** Reads again what an agent remembers when the hub says that it changed. `stale`: one array for all renderings. */
export function useMemoryChanges(agent: string, stale: readonly Parameters<ReturnType<typeof useAgain>>[0][]): void {
  const { hub, subject } = useMember();
  const again = useAgain();
  useEffect(() => {
    if (subject === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      stale.forEach(again);
    };
    const subscription = hub.subscribe(`user:${subject}`, { queue: 1 });
    subscription.addEventListener("publication", ({ detail: { type } }) => {
      if (TYPES.includes(type)) timer ??= setTimeout(read, PACE);
    });
    return () => {
      clearTimeout(timer);
      subscription.close();
    };
  }, [hub, subject, agent, stale, again]);
}
