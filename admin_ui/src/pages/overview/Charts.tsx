import { Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "../../components/Panel";
import { TimeChart, type Line, type Mark } from "../../components/TimeChart";
import { bytes, count, measure, milliseconds, percent } from "../../format";
import { clusters, type Turn, type Turning } from "./marks";
import styles from "./Overview.module.css";
import { series, sum, worst, type Read, type Reduce } from "./series";
import type { Pulse } from "./usePulse";

const HEIGHT = 190;
/** Connections that the axis has room for at least: below, it would have no whole numbers. */
const FEW = 4;

/** Part of the time within which words of marks would lie on each other; they are written upright. */
const CLOSE = 0.06;
/** Turnings that one mark names. */
const MOST = 2;
/** Which it names rather. */
const WEIGHT: readonly Turn[] = ["away", "ended", "started", "back"];

const TONES: Readonly<Record<Turn, "accent" | "warn" | "bad" | "good">> = { started: "accent", ended: "warn", away: "bad", back: "good" };

/** The last hour, live. Upright lines say when a process came or went, and when the broker did. */
export function Charts({ pulse, all }: { readonly pulse: Pulse; readonly all: boolean }) {
  const { t } = useTranslation("overview");
  const { processes, turned, span } = pulse;
  const range = useMemo(() => [span.from, span.to] as const, [span]);
  const marks = useMemo(() => {
    const said = ({ turn, nodes }: Turning) => t(`mark.${turn}`, { count: nodes.length });
    const close = clusters(turned.filter(({ at }) => at > span.from), CLOSE * (span.to - span.from));
    const words = (cluster: readonly Turning[]) => [...cluster].sort((a, b) => WEIGHT.indexOf(a.turn) - WEIGHT.indexOf(b.turn)).slice(0, MOST).map(said).join(", ") + (cluster.length > MOST ? " …" : "");
    return close.flatMap((cluster) => cluster.map((one, at): Mark => ({ at: one.at, text: at ? "" : words(cluster), tone: TONES[one.turn] })));
  }, [turned, span, t]);
  const lines = useMemo(() => {
    const line = (name: string, read: Read, reduce: Reduce, more: Partial<Line> = {}): Line => ({ name, points: series(processes, span, read, reduce), ...more });
    const several = processes.length > 1;
    return {
      messages: [
        line(t("line.deliveries"), (at) => at.deliveries_per_second, sum, { area: true }),
        line(t("line.publications"), (at) => at.publications_per_second, sum),
      ],
      latency: [
        line("p99", (at) => at.publish_to_write_p99, worst),
        line("p95", (at) => at.publish_to_write_p95, worst),
        line("p50", (at) => at.publish_to_write_p50, worst),
      ],
      connections: [
        line(t("line.connections"), (at) => at.connections, sum, { area: true }),
        ...(all ? [line(t("line.slow"), (at) => at.slow_connections, sum, { colour: 4 })] : []),
      ],
      lag: [line(t("line.lagMax"), (at) => at.loop_lag_max, worst), line("p99", (at) => at.loop_lag_p99, worst), line("p50", (at) => at.loop_lag_p50, worst)],
      cpu: [
        line(t(several ? "line.together" : "line.cpu"), (at) => at.cpu_usage, sum, { area: true }),
        ...(several ? [line(t("line.busiest"), (at) => at.cpu_usage, worst)] : []),
      ],
      memory: [
        line(t(several ? "line.together" : "line.memory"), (at) => at.memory_usage, sum, { area: true }),
        ...(several ? [line(t("line.largest"), (at) => at.memory_usage, worst)] : []),
      ],
    };
  }, [processes, span, all, t]);
  const chart = (name: keyof typeof lines, format: (value: number) => string, most?: number) => (
    <Panel title={t(`chart.${name}`)} note={t(`chart.note.${name}`)}>
      {pulse.loading ? <Skeleton active title={false} paragraph={{ rows: 5 }} /> : <TimeChart label={t(`chart.${name}`)} lines={lines[name]} marks={marks} range={range} height={HEIGHT} format={format} {...(most !== undefined && { most })} />}
    </Panel>
  );
  return (
    <div className={styles["charts"]}>
      {all && chart("messages", perSecond)}
      {all && chart("latency", milliseconds)}
      {chart("connections", whole, FEW)}
      {all && chart("lag", milliseconds)}
      {chart("cpu", percent)}
      {chart("memory", inMemory)}
    </div>
  );
}

/** What is counted has no halves, also where the axis has. */
const whole = (value: number): string => (Number.isInteger(value) ? count(value) : "");
const perSecond = (value: number): string => `${measure(value)}/s`;
const inMemory = (value: number): string => bytes(value * 1e6);
