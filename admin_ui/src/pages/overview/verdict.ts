import type { Schema } from "../../hub/api";
import type { Link } from "../../hub/session";
import { brokerAway, runs, type Run } from "./marks";
import type { Process } from "./samples";

/** Whether all is well, what isn't, and since when. What counts as bad beyond plain faults is the alert rules' matter. */

export type Alert = Schema<"AlertState">;

export type Trouble = { readonly tone: "bad" | "warn"; readonly since: number | undefined } & (
  | { readonly what: "unreachable" | "offline" | "silent" | "slow"; readonly count?: number }
  | { readonly what: "broker"; readonly reason: string | undefined }
  | { readonly what: "alert"; readonly alert: Alert }
);

export interface Verdict {
  /** `unknown`: nothing has been told yet. */
  readonly state: "well" | "warn" | "bad" | "unknown";
  /** The worst first, then the oldest. */
  readonly troubles: readonly Trouble[];
  /** All is well: since the last trouble ended. Nothing was wrong as far back as is known: absent. */
  readonly since: number | undefined;
}

export interface Known {
  readonly link: Link["state"];
  /** Milliseconds since 1970, since when the link is in this state. */
  readonly linkSince: number;
  readonly linkReason: string | undefined;
  readonly processes: readonly Process[];
  /** Absent: not told, or not allowed to know. */
  readonly alerts: readonly Alert[] | undefined;
}

/** Milliseconds that a client may be slow before it matters: a socket takes no more for a moment when much is sent. */
const SLOW = 15_000;

export function verdictOf(known: Known): Verdict {
  const away = brokerAway(known.processes);
  const slow = runs(known.processes, ({ slow_connections = 0 }) => slow_connections > 0);
  const troubles = [...linkTroubles(known), ...brokerTroubles(known, away), ...processTroubles(known.processes), ...slowTroubles(known.processes, slow), ...alertTroubles(known.alerts)];
  troubles.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad") || (a.since ?? 0) - (b.since ?? 0));
  const heard = known.processes.length > 0 || known.alerts !== undefined;
  const state = troubles[0]?.tone ?? (heard ? "well" : "unknown");
  return { state, troubles, since: state === "well" ? lastTrouble([...away, ...long(slow)], known.alerts) : undefined };
}

function linkTroubles({ link, linkSince }: Known): readonly Trouble[] {
  if (link === "offline") return [{ what: "offline", tone: "bad", since: linkSince }];
  return link === "reconnecting" || link === "closed" ? [{ what: "unreachable", tone: "bad", since: linkSince }] : [];
}

/** The link says it first, the processes say since when. */
function brokerTroubles({ link, linkSince, linkReason }: Known, away: readonly Run[]): readonly Trouble[] {
  const now = away.find(({ to }) => to === undefined);
  if (!now && link !== "degraded") return [];
  return [{ what: "broker", tone: "bad", since: now?.from ?? linkSince, reason: now?.reason ?? linkReason }];
}

/** Processes that others know of, and that tell nothing. One that starts or ends may be missing for a moment. */
function processTroubles(processes: readonly Process[]): readonly Trouble[] {
  const alive = processes.filter(({ gone }) => !gone);
  const settled = alive.filter(({ samples }) => samples.length > 3);
  if (!settled.length || settled.length < alive.length) return [];
  const missing = Math.min(...settled.map(({ last }) => last.numbers.processes ?? 0)) - alive.length;
  const lately = processes.filter(({ gone }) => gone).map(({ last }) => last.at);
  return missing > 0 ? [{ what: "silent", tone: "warn", since: lately.length ? Math.max(...lately) : undefined, count: missing }] : [];
}

const long = (found: readonly Run[]): readonly Run[] => found.filter(({ from, to }) => to === undefined || to - from >= SLOW);

function slowTroubles(processes: readonly Process[], slow: readonly Run[]): readonly Trouble[] {
  const now = slow.find(({ to }) => to === undefined);
  const alive = processes.filter(({ gone }) => !gone);
  const newest = Math.max(...alive.map(({ last }) => last.at));
  if (!now || newest - now.from < SLOW) return [];
  return [{ what: "slow", tone: "warn", since: now.from, count: alive.reduce((whole, { last }) => whole + (last.numbers.slow_connections ?? 0), 0) }];
}

/** Those that fire, that nobody silenced, and that are more than news. */
function alertTroubles(alerts: readonly Alert[] = []): readonly Trouble[] {
  return alerts
    .filter((alert) => matters(alert) && alert.status === "firing" && alert.silenced_by.length === 0)
    .map((alert) => ({ what: "alert", tone: alert.severity === "critical" ? "bad" : "warn", since: Date.parse(alert.started_at), alert }));
}

const matters = ({ severity }: Alert): boolean => severity !== "info";

function lastTrouble(past: readonly Run[], alerts: readonly Alert[] = []): number | undefined {
  const ends = [
    ...past.flatMap(({ to }) => to ?? []),
    ...alerts.flatMap((alert) => (matters(alert) && alert.status === "resolved" && alert.ended_at ? Date.parse(alert.ended_at) : [])),
  ];
  return ends.length ? Math.max(...ends) : undefined;
}
