import type { Tone } from "../../components/Stat";
import type { Schema } from "../../hub/api";

export type AlertState = Schema<"AlertState">;
export type Severity = AlertState["severity"];

export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { critical: "bad", warning: "warn", info: "info" };

/** What somebody looks for. Empty texts ask for nothing. */
export interface Wanted {
  readonly text: string;
  readonly severity: string;
}

/** The alerts that somebody looks for: every word must stand somewhere in the alert. */
export function wantedOf(alerts: readonly AlertState[], { text, severity }: Wanted): AlertState[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return alerts.filter((alert) => {
    if (severity && alert.severity !== severity) return false;
    const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
    const all = [alert.name, alert.summary, alert.description, alert.source, alert.metric, ...labels].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** The most urgent first: firing before pending, by severity, nobody at it before somebody, then the newest. */
export function byUrgency(one: AlertState, other: AlertState): number {
  const rank = ({ status, severity, acknowledged, silenced_by }: AlertState) => [
    status === "firing" ? 0 : 1,
    silenced_by.length ? 1 : 0,
    SEVERITIES.indexOf(severity),
    acknowledged ? 1 : 0,
  ];
  const [a, b] = [rank(one), rank(other)];
  const differing = a.findIndex((value, at) => value !== b[at]);
  if (differing >= 0) return (a[differing] ?? 0) - (b[differing] ?? 0);
  return other.started_at.localeCompare(one.started_at);
}

export interface Sorted {
  /** Firing and about to fire, the most urgent first. */
  readonly open: readonly AlertState[];
  /** The one that ended last comes first. */
  readonly resolved: readonly AlertState[];
}

/** Takes a list apart into what needs somebody, and what did. */
export const sorted = (alerts: readonly AlertState[]): Sorted => ({
  open: alerts.filter(({ status }) => status !== "resolved").sort(byUrgency),
  resolved: alerts
    .filter(({ status }) => status === "resolved")
    .sort((one, other) => (other.ended_at ?? "").localeCompare(one.ended_at ?? "")),
});

/** How many fire of a severity, those left out that a silence covers. */
export const firing = (alerts: readonly AlertState[], severity: Severity): number =>
  alerts.filter((alert) => alert.status === "firing" && alert.severity === severity && !alert.silenced_by.length).length;

/** A link of an alert. It comes from outside: only the web's own schemes are followed. */
export const webLink = (address: string | undefined): string | undefined =>
  address && /^https?:\/\//i.test(address) ? address : undefined;

/** What a silence of just this alert must match. */
export const matchersFor = ({ name, labels }: AlertState): Record<string, string> => ({ name, ...labels });

/** Matchers as somebody writes them, one `name=value` a line; `undefined` when a line isn't one. */
export function readMatchers(text: string): Record<string, string> | undefined {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const pairs = lines.map((line) => /^([^=\s]+)\s*=\s*(.+)$/.exec(line));
  if (!pairs.length || pairs.some((pair) => !pair)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}

export const writeMatchers = (matchers: Readonly<Record<string, string>>): string =>
  Object.entries(matchers).map(([name, value]) => `${name}=${value}`).join("\n");
