import type { Tone } from "./Stat";

/** What jobs of every kind have in common: trainings, analyses. */
export interface Job {
  readonly state: "queued" | "running" | "completed" | "failed" | "cancelled";
  readonly created: string;
  readonly started?: string;
  readonly ended?: string;
  readonly queue_position?: number;
}

export const JOB_TONES: Readonly<Record<Job["state"], Tone>> = {
  queued: "plain", running: "info", completed: "good", failed: "bad", cancelled: "warn",
};

export const isOver = ({ state }: Pick<Job, "state">): boolean => state !== "queued" && state !== "running";

/** Seconds that a job took, or has taken until now; `undefined` before it began. */
export const duration = ({ started, ended }: Pick<Job, "started" | "ended">, now: number): number | undefined =>
  started === undefined ? undefined : Math.max(0, ((ended ? Date.parse(ended) : now) - Date.parse(started)) / 1000);

/** The running ones, then those that wait in their turn, then those that are over; the newest first. */
export const inOrder = <Kind extends Job>(jobs: readonly Kind[]): Kind[] => {
  const rank = ({ state }: Job) => (state === "running" ? 0 : state === "queued" ? 1 : 2);
  return [...jobs].sort(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.queue_position ?? 0) - (other.queue_position ?? 0) ||
      Date.parse(other.created) - Date.parse(one.created),
  );
};
