import { isOver, JOB_TONES } from "../../components/jobs";
import type { Tone } from "../../components/Stat";
import type { Schema } from "../../hub/api";

export type Training = Schema<"TrainingState">;
export type DocumentState = Schema<"DocumentState">;

export const STATE_TONES: Readonly<Record<Training["state"] | DocumentState["state"], Tone>> = { ...JOB_TONES, trained: "good", skipped: "plain" };

/** Of what an update may say of a job or a document, that by which it ends. */
export const ENDINGS = ["completed", "failed", "cancelled", "skipped"] as const;

/** The stages of a document, by the names that their texts have. */
export const STAGES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"] as const;

export type Cell = "done" | "now" | "failed" | "skipped" | "cancelled" | "ahead";

/** What each stage of a document is. A document that ended early did so in its newest stage. */
export const stagesOf = ({ state, stage }: Pick<DocumentState, "state" | "stage">): readonly Cell[] =>
  STAGES.map((_, at) => {
    if (state === "trained" || at + 1 < stage) return "done";
    if (at + 1 > stage) return "ahead";
    return state === "running" ? "now" : state;
  });

/** What the newest stage says of a document, whose name stands above it already. */
export const told = ({ name, text }: Pick<DocumentState, "name" | "text">): string =>
  text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;

export interface Counts {
  readonly running: number;
  readonly queued: number;
  readonly trained: number;
  readonly failed: number;
}

/** Chunks of all trained documents, which are counted when a job is over. */
export const chunksOf = (training: Training): number | undefined => (isOver(training) ? training.chunks : undefined);

/** Of how many documents; the hub doesn't know before it has looked. */
export const totalOf = ({ files_total }: Training): number | undefined => files_total || undefined;

/** The page of the document at work, from 1; `undefined` when none is. */
export const pageAtWork = ({ state, trained, skipped, failed, files_total }: Training, size: number): number | undefined =>
  state === "running" && files_total > 0 ? Math.min(Math.floor((trained + skipped + failed) / size) + 1, Math.ceil(files_total / size)) : undefined;

/** What all jobs that the hub still knows come to. */
export const countsOf = (trainings: readonly Training[]): Counts => ({
  running: trainings.filter(({ state }) => state === "running").length,
  queued: trainings.filter(({ state }) => state === "queued").length,
  trained: trainings.reduce((sum, { trained }) => sum + trained, 0),
  failed: trainings.reduce((sum, { failed }) => sum + failed, 0),
});

/**
 * How many documents of a training there are to page through, as far as one page of them tells: the hub counts those that
 * ended by themselves, and neither the one at work nor cancelled ones.
 */
export const paged = ({ trained, skipped, failed, files_total, files = [] }: Training, offset: number, size: number): number => {
  const seen = offset + files.length + (files.length === size ? 1 : 0);
  return Math.min(files_total || Infinity, Math.max(trained + skipped + failed, seen));
};
