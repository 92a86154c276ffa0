import type { Publication } from "tocsin-client";
import type { Tone } from "../../components/Stat";
import type { Messages } from "../../hub/messages";
import type { PageName } from "../../pages";
import type { Turning } from "./marks";

/** What is worth telling of the last hour, out of all channels that the token may see. */

/** Types that may be worth it. What comes by the thousand, such as passed checks, isn't among them. */
export const TYPES = [
  "alert", "pool_resized", "pool_leak_suspected", "error_blocked", "error_overridden", "solution_confirmed", "stage_update",
  "analysis_completed", "analysis_failed", "build_status", "search_failed",
] as const satisfies readonly (keyof Messages)[];

/** Named channels that they come on; a user's own is another one. */
export const SOURCES: readonly string[] = ["system_alerts", "db_pool_stats", "error_firewall", "ai_analysis", "vector_search", "training"];

export type Kind =
  | "alertFired" | "alertResolved" | "poolResized" | "poolLeak" | "blocked" | "overridden" | "confirmed" | "trained" | "trainingFailed"
  | "trainingCancelled" | "analysed" | "analysisFailed" | "buildFailed" | "searchFailed" | "started" | "ended" | "away" | "back";

export interface Happening {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: Kind;
  readonly tone: Tone;
  /** What its sentence names. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly page?: PageName;
  /** What makes two of them the same thing; its sentence, unless told. */
  readonly about?: string;
  /** How often it came within a few minutes. */
  readonly times: number;
}

type Found = Pick<Happening, "kind" | "tone" | "page" | "about"> & { readonly values?: Readonly<Record<string, unknown>> };
type Fields<Type extends keyof Messages> = Partial<Messages[Type]>;
type Rule<Type extends keyof Messages> = (data: Fields<Type>) => Found | undefined;

const SEVERITY: ReadonlyMap<unknown, Tone> = new Map([["critical", "bad"], ["warning", "warn"], ["info", "info"]]);

/** Channels without a schema carry what anybody put there, so no field is sure to be there. */
const RULES: { readonly [Type in (typeof TYPES)[number]]: Rule<Type> } = {
  alert: ({ status, severity, summary, name, repetition }) => {
    const rest = { page: "alerts", values: { what: summary ?? name }, ...(typeof name === "string" && { about: name }) } as const;
    if (status === "resolved") return { kind: "alertResolved", tone: "good", ...rest };
    return repetition ? undefined : { kind: "alertFired", tone: SEVERITY.get(severity) ?? "warn", ...rest };
  },
  pool_resized: ({ old_size, new_size, pool }) => ({ kind: "poolResized", tone: "info", page: "database", about: pool ?? "", values: { from: old_size, to: new_size } }),
  pool_leak_suspected: ({ limit_seconds }) => ({ kind: "poolLeak", tone: "warn", page: "database", values: { seconds: limit_seconds } }),
  error_blocked: ({ operation, error_type, error_scene }) => ({ kind: "blocked", tone: "warn", page: "firewall", values: { operation, error: error_type ?? error_scene } }),
  error_overridden: ({ operation, actor }) => ({ kind: "overridden", tone: "warn", page: "firewall", values: { operation, actor } }),
  solution_confirmed: ({ error_type, error_scene, actor }) => ({ kind: "confirmed", tone: "info", page: "firewall", values: { error: error_type ?? error_scene, actor } }),
  stage_update: ({ stage, status, trained, failed, log }) => {
    if (stage !== "complete" && stage !== "error") return undefined;
    if (status === "cancelled") return { kind: "trainingCancelled", tone: "plain", page: "training" };
    if (status === "failed" || stage === "error") return { kind: "trainingFailed", tone: "bad", page: "training", values: { why: log } };
    return { kind: "trained", tone: failed ? "warn" : "good", page: "training", values: { trained, failed: failed ?? 0 } };
  },
  analysis_completed: ({ repository, findings }) => ({ kind: "analysed", tone: "good", page: "analysis", values: { repository, findings } }),
  analysis_failed: ({ repository, reason }) => ({ kind: "analysisFailed", tone: "bad", page: "analysis", values: { repository, why: reason } }),
  build_status: ({ status, project, branch }) => (status === "failure" ? { kind: "buildFailed", tone: "bad", values: { project, branch } } : undefined),
  search_failed: ({ collection, status, reason }) =>
    status === "cancelled" ? undefined : { kind: "searchFailed", tone: "warn", page: "search", values: { collection, why: reason } },
};

const isType = (type: string): type is (typeof TYPES)[number] => (TYPES as readonly string[]).includes(type);

/** Tells what a publication is worth; most are worth nothing. */
export function happeningOf({ type, data, channel, epoch, offset, timestamp }: Publication): Happening | undefined {
  if (!isType(type) || typeof data !== "object" || data === null) return undefined;
  const found = (RULES[type] as Rule<never>)(data as never); // the rule of this type
  if (!found) return undefined;
  return { ...found, id: `${channel} ${epoch} ${offset ?? timestamp}`, at: Date.parse(timestamp), values: told(found.values), times: 1 };
}

/** Only words and numbers are shown; what isn't there is left to the sentence. */
function told(values: Readonly<Record<string, unknown>> = {}): Record<string, string | number> {
  const entries = Object.entries(values).map(([name, value]) => [name, typeof value === "number" || typeof value === "string" ? value : "–"] as const);
  return Object.fromEntries(entries);
}

const TURNS: Readonly<Record<Turning["turn"], Tone>> = { started: "info", ended: "warn", away: "bad", back: "good" };

export const happeningOfTurning = ({ at, turn, nodes }: Turning): Happening => ({
  id: `${turn} ${at} ${nodes[0] ?? ""}`,
  at,
  kind: turn,
  tone: TURNS[turn],
  values: { count: nodes.length, nodes: nodes.slice(0, 4).join(", ") },
  times: 1,
});

/** Milliseconds in which the same thing again is no news. */
const AGAIN = 600_000;

/** Newest first, since `from`. The same thing again within a few minutes is one line, which says how often. */
export function inOrder(all: readonly Happening[], from: number): readonly Happening[] {
  const lines: Happening[] = [];
  const places = new Map<string, number>();
  for (const happening of all.filter(({ at }) => at >= from).sort((a, b) => b.at - a.at)) {
    const thing = `${happening.kind} ${happening.about ?? JSON.stringify(happening.values)}`;
    const place = places.get(thing) ?? -1;
    const newer = lines[place];
    if (newer && newer.at - happening.at <= AGAIN) lines[place] = { ...newer, times: newer.times + 1 };
    else places.set(thing, lines.push(happening) - 1);
  }
  return lines;
}
