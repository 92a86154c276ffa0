import { keep, kept } from "../storage";

/** Milliseconds that another tab's claim is respected: a tab may be closed while it holds one. */
const LEASE = 15_000;

/** Milliseconds between two looks at a claim, and between writing one and believing it. */
const LOOK = 60;

/**
 * Does something that only one tab of this browser does at a time.
 *
 * Browsers have locks on https and localhost alone. Elsewhere a claim in the storage that tabs share has to do: two tabs
 * that write theirs within the same instant may both believe it, hence the second look.
 */
export async function exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (typeof navigator !== "undefined" && "locks" in navigator) return navigator.locks.request(name, work) as Promise<Result>;
  const own = `${Math.random()}`;
  for (;;) {
    const [holder, until] = (kept(name) ?? "").split(" ");
    if (holder && holder !== own && Number(until) > Date.now()) {
      await pause();
      continue;
    }
    keep(name, `${own} ${Date.now() + LEASE}`);
    if (kept(name) === null) break; // storage is forbidden: then tabs share nothing that could be spoilt
    await pause();
    if (kept(name)?.startsWith(`${own} `)) break;
  }
  try {
    return await work();
  } finally {
    if (kept(name)?.startsWith(`${own} `)) keep(name, null);
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK));
