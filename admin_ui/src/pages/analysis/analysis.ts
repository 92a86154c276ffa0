import type { Tone } from "../../components/Stat";
import type { Schema } from "../../hub/api";

export type Analysis = Schema<"AnalysisState">;
export type Finding = Schema<"FindingState">;

export const SEVERITIES: readonly Finding["severity"][] = ["error", "warning", "info"];

export const SEVERITY_TONES: Readonly<Record<Finding["severity"], Tone>> = { error: "bad", warning: "warn", info: "info" };

/** A commit as people write it. A ref that isn't one stays as it is. */
export const short = (commit: string | undefined): string => (commit && /^[0-9a-f]{40,64}$/.test(commit) ? commit.slice(0, 10) : (commit ?? ""));

/** What was looked at: what was asked for, and the commit that it was; from where on. */
export const revisionOf = ({ ref, commit, base }: Pick<Analysis, "ref" | "commit" | "base">): string => {
  const asked = [...new Set([short(ref), short(commit)])].filter(Boolean).join(" · ");
  return base ? `${short(base)}…${asked}` : asked;
};

/** Where a finding is, as editors take it. */
export const placeOf = ({ path, line, column }: Pick<Finding, "path" | "line" | "column">): string =>
  [path, ...(line ? [line, ...(column ? [column] : [])] : [])].join(":");
