import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Stat, Stats } from "../../components/Stat";
import { brief, bytes, count, measure, milliseconds, percent } from "../../format";
import { latest, series, sum, worst, type Read, type Reduce } from "./series";
import styles from "./Overview.module.css";
import type { Pulse } from "./usePulse";

interface TilesProps {
  readonly pulse: Pulse;
  readonly all: boolean;
  readonly less: string | undefined;
}

/** Points of a tile's line. */
const POINTS = 120;

/** The hub's numbers now, over all its processes. */
export function Tiles({ pulse, all, less }: TilesProps) {
  const { t } = useTranslation("overview");
  const at = useLatest(pulse);
  const connections = <Stat label={t("tile.connections")} about={t("tile.about.connections")} value={count(at.connections)} note={all && t("tile.subscriptions", { count: at.subscriptions ?? 0, shown: brief(at.subscriptions) })} line={at.lineOf("connections", sum)} />;
  const cpu = <Stat label={t("tile.cpu")} about={t("tile.about.cpu")} value={percent(at.cpu)} note={at.several && t("tile.busiest", { value: percent(at.busiest) })} line={at.lineOf("cpu_usage", sum)} />;
  const memory = <Stat label={t("tile.memory")} about={t("tile.about.memory")} value={inMemory(at.memory)} note={at.several && t("tile.largest", { value: inMemory(at.largest) })} line={at.lineOf("memory_usage", sum)} />;
  if (!all) {
    return (
      <>
        <Stats>{connections}{cpu}{memory}</Stats>
        {less && <p className="soft" role="note">{less}</p>}
      </>
    );
  }
  return (
    <div className={styles["tiles"]} data-testid="tiles">
      <Stats>
        {connections}
        <Stat label={t("tile.publications")} about={t("tile.about.publications")} value={rate(at.publications)} line={at.lineOf("publications_per_second", sum)} />
        <Stat label={t("tile.deliveries")} about={t("tile.about.deliveries")} value={rate(at.deliveries)} note={at.sent !== null && t("tile.sent", { bytes: bytes(at.sent) })} line={at.lineOf("deliveries_per_second", sum)} />
        <Stat label={t("tile.latency")} about={t("tile.about.latency")} value={milliseconds(at.p99)} note={at.p99 !== null && t("tile.percentiles", { p50: milliseconds(at.p50), p95: milliseconds(at.p95) })} line={at.lineOf("publish_to_write_p99", worst)} />
      </Stats>
      <Stats>
        <Stat label={t("tile.lag")} about={t("tile.about.lag")} value={milliseconds(at.lag)} note={at.lag99 !== null && t("tile.lag99", { value: milliseconds(at.lag99) })} line={at.lineOf("loop_lag_max", worst)} />
        {cpu}
        {memory}
        <Stat label={t("tile.slow")} about={t("tile.about.slow")} value={count(at.slow)} tone={at.slow ? "warn" : "plain"} note={at.queued !== null && t("tile.queued", { bytes: bytes(at.queued) })} line={at.lineOf("queued_bytes", sum)} />
      </Stats>
    </div>
  );
}

/** Told in MB of 1,000,000 bytes. */
const inMemory = (value: number | null): string => bytes(value === null ? null : value * 1e6);

const rate = (value: number | null): string => (value === null ? measure(value) : `${measure(value)}/s`);

type Key = Parameters<Read>[0] extends infer N ? keyof N : never;

function useLatest({ processes, span }: Pulse) {
  return useMemo(() => {
    const now = (key: Key, reduce: Reduce) => latest(processes, (numbers) => numbers[key] as number | null | undefined, reduce);
    return {
      connections: now("connections", sum),
      subscriptions: now("subscriptions", sum),
      publications: now("publications_per_second", sum),
      deliveries: now("deliveries_per_second", sum),
      sent: now("sent_bytes_per_second", sum),
      p50: now("publish_to_write_p50", worst),
      p95: now("publish_to_write_p95", worst),
      p99: now("publish_to_write_p99", worst),
      lag: now("loop_lag_max", worst),
      lag99: now("loop_lag_p99", worst),
      cpu: now("cpu_usage", sum),
      busiest: now("cpu_usage", worst),
      memory: now("memory_usage", sum),
      largest: now("memory_usage", worst),
      slow: now("slow_connections", sum),
      queued: now("queued_bytes", sum),
      several: processes.filter(({ gone }) => !gone).length > 1,
      lineOf: (key: Key, reduce: Reduce) => series(processes, span, (numbers) => numbers[key] as number | null | undefined, reduce).slice(-POINTS).map(([, value]) => value),
    };
  }, [processes, span]);
}
