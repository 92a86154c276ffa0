import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { TimeChart } from "../../components/TimeChart";
import { When } from "../../components/When";
import { bytes, measure, percent } from "../../format";
import { useFeed, useMessages } from "../../hub/live";
import styles from "./Hosts.module.css";
import { hostsOf, type HostNow } from "./hosts";
import type { Span } from "./series";
import type { Pulse } from "./usePulse";

const TYPES = ["host_stats"] as const;
const LIMIT = 2_000;
/** Machines up to which each has a chart. */
const CHARTS = 3;

/** The machines under the hub, small. */
export function Hosts({ pulse: { now, span } }: { readonly pulse: Pulse }) {
  const { t } = useTranslation("overview");
  const told = useMessages(useFeed("system_alerts", { limit: LIMIT, types: TYPES }), "host_stats");
  const hosts = useMemo(() => hostsOf(told, now), [told, now]);
  return (
    <Panel title={t("host.title")} note={t("host.note")}>
      {hosts.length === 0 && <Nothing height={120}>{t("host.nothing")}</Nothing>}
      {hosts.map((host) => <Host key={host.data.host} host={host} span={hosts.length > CHARTS ? undefined : span} />)}
    </Panel>
  );
}

interface HostProps {
  readonly host: HostNow;
  /** Of its chart; without it there is none. */
  readonly span: Span | undefined;
}

function Host({ host: { at, data, cpu: used, memory: taken }, span }: HostProps) {
  const { t } = useTranslation("overview");
  const lines = useMemo(() => [{ name: t("host.cpu"), points: used }, { name: t("host.memory"), points: taken }], [used, taken, t]);
  const range = useMemo(() => span && ([span.from, span.to] as const), [span]);
  const { cpu_percent: cpu, cpu_count, memory_percent: memory, memory_available, disk_percent: disk, disk_free } = data;
  const loads = [data.load_1m, data.load_5m, data.load_15m];
  return (
    <section className={styles["host"]} aria-label={data.host}>
      <h3><span className="cut">{data.host}</span><span className="soft"><When at={at} exact /></span></h3>
      <Meter label={t("host.cpu")} value={cpu} note={t("host.cores", { count: cpu_count })} />
      <Meter label={t("host.memory")} value={memory} note={t("host.available", { size: bytes(memory_available * 1e6) })} />
      <Meter label={t("host.disk")} value={disk} note={disk_free == null ? undefined : t("host.free", { size: bytes(disk_free * 1e6) })} />
      <div className={styles["line"]}>
        <span>{t("host.load")}</span>
        <span className={styles["load"]}>{loads.map((load) => measure(load)).join(" · ")}</span>
        <span className="soft">{t("host.minutes")}</span>
      </div>
      {range && <TimeChart label={t("host.chart", { host: data.host })} lines={lines} range={range} height={150} format={percent} most={100} />}
    </section>
  );
}

interface MeterProps {
  readonly label: string;
  /** In %. */
  readonly value: number | null | undefined;
  readonly note: string | undefined;
}

/** From these on in %, a bar says so by its colour; alerts are the rules' matter. */
const [WARN, BAD] = [75, 90];

function Meter({ label, value, note }: MeterProps) {
  const tone = value == null ? "none" : value >= BAD ? "bad" : value >= WARN ? "warn" : "good";
  return (
    <div className={styles["line"]} data-tone={tone}>
      <span>{label}</span>
      <span className={styles["track"]} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuetext={percent(value)} {...(value != null && { "aria-valuenow": Math.round(value) })}>
        <span style={{ width: `${value ?? 0}%` }} />
      </span>
      <span className={styles["value"]}>{percent(value)}</span>
      <span className="soft">{note}</span>
    </div>
  );
}
