import { useTranslation } from "react-i18next";
import { Gauge } from "../../components/Gauge";
import { Panel } from "../../components/Panel";
import { Stat, Stats, type Tone } from "../../components/Stat";
import { When } from "../../components/When";
import { count, measure, milliseconds, percent, seconds } from "../../format";
import styles from "./PoolNow.module.css";
import { newest, type Pool, type RegularField } from "./pools";

/** From which utilization on a pool grows, unless it was told otherwise, and where nothing is left. */
const BOUNDS = [80, 95] as const;

/** What a pool counts since its start; more than none of the second kind is trouble. */
const COUNTED = ["resizes", "slow_queries"] as const satisfies readonly RegularField[];
const TROUBLE = ["timeouts", "refused", "connect_errors", "lost_connections", "failed_queries", "leaks"] as const satisfies readonly RegularField[];

/** A pool as it said last that it is. */
export function PoolNow({ pool }: { readonly pool: Pool }) {
  const { t } = useTranslation("database");
  const now = newest(pool);
  const line = (field: "active_connections" | "qps" | "avg_query_time") => pool.samples.slice(-60).map((sample) => sample[field]);
  const window = now?.window == null ? undefined : t("window", { time: seconds(now.window) });
  const warn = (value: number | null | undefined): Tone => (value ? "warn" : "plain");
  return (
    <div className={styles["now"]}>
      <Panel title={t("utilization.title")} note={<When at={now?.at} />}>
        <div className={styles["gauge"]}>
          <Gauge
            label={t("utilization.label")}
            value={now?.utilization}
            text={percent(now?.utilization)}
            note={now ? t("utilization.note", { active: count(now.active_connections), size: count(now.pool_size) }) : ""}
            bounds={BOUNDS}
          />
        </div>
      </Panel>
      <div className={styles["numbers"]}>
        <Stats>
          <Stat label={t("size")} about={t("sizeAbout")} value={count(now?.pool_size)} note={now?.maximum == null ? undefined : t("most", { count: now.maximum })} />
          <Stat label={t("active")} value={count(now?.active_connections)} line={line("active_connections")} />
          <Stat label={t("idle")} value={count(now?.idle_connections)} />
          <Stat label={t("overflow")} about={t("overflowAbout")} value={count(now?.overflow_connections)} tone={warn(now?.overflow_connections)} />
          <Stat label={t("waiters")} about={t("waitersAbout")} value={count(now?.waiters)} tone={warn(now?.waiters)} />
        </Stats>
        <Stats>
          <Stat label={t("qps")} about={window ?? ""} value={measure(now?.qps)} note={t("perSecond")} line={line("qps")} />
          <Stat label={t("queryTime")} about={window ?? ""} value={milliseconds(now?.avg_query_time)} line={line("avg_query_time")} />
          <Stat label={t("waitP50")} about={window ?? ""} value={milliseconds(now?.wait_p50)} />
          <Stat label={t("waitP95")} about={window ?? ""} value={milliseconds(now?.wait_p95)} />
          <Stat label={t("waitP99")} about={window ?? ""} value={milliseconds(now?.wait_p99)} note={now?.max_wait_time == null ? undefined : t("longest", { time: milliseconds(now.max_wait_time) })} />
        </Stats>
        <Panel title={t("since.title")} note={t("since.note")} flush>
          <dl className={styles["totals"]}>
            <Total label={t("since.total_queries")} value={now?.total_queries} />
            {COUNTED.map((field) => <Total key={field} label={t(`since.${field}`)} value={now?.[field]} />)}
            {TROUBLE.map((field) => <Total key={field} label={t(`since.${field}`)} value={now?.[field]} trouble />)}
          </dl>
        </Panel>
      </div>
    </div>
  );
}

function Total({ label, value, trouble = false }: { readonly label: string; readonly value: number | null | undefined; readonly trouble?: boolean }) {
  return (
    <div data-trouble={trouble && Boolean(value)}>
      <dt>{label}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}
