import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { rangeOf } from "../../components/range";
import { Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { TimeChart, type Line } from "../../components/TimeChart";
import { count, measure, milliseconds, percent } from "../../format";
import { lineOf, marksOf, thinned } from "./charts";
import type { Pool } from "./pools";

interface PoolChartsProps {
  readonly pool: Pool;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that are looked back. */
  readonly span: number;
}

const full = (value: number) => percent(value);

/** How a pool went. */
export function PoolCharts({ pool, now, span }: PoolChartsProps) {
  const { t } = useTranslation("database");
  const { samples, resizes } = pool;
  const range = useMemo(() => rangeOf(samples, now, span), [samples, now, span]);
  const lines = useMemo(() => {
    const seen = thinned(samples.filter(({ at }) => at >= range[0]));
    const of = (...parts: readonly (readonly Line[])[]) => parts.flat();
    return {
      // Active and idle ones are all that are open: what stands over the size is overflow.
      connections: of(
        lineOf(seen, "active_connections", { name: t("active"), stack: "open", colour: 0 }),
        lineOf(seen, "idle_connections", { name: t("idle"), stack: "open", colour: 2 }),
        lineOf(seen, "pool_size", { name: t("size"), step: true, colour: 6 }),
        lineOf(seen, "overflow_connections", { name: t("overflow"), dashed: true, colour: 5 }),
        lineOf(seen, "waiters", { name: t("waiters"), dashed: true, colour: 4 }),
      ),
      rate: lineOf(seen, "qps", { name: t("qps"), area: true, colour: 1 }),
      times: of(
        lineOf(seen, "avg_query_time", { name: t("queryTime"), colour: 1 }),
        lineOf(seen, "wait_p50", { name: t("waitP50"), colour: 2 }),
        lineOf(seen, "wait_p95", { name: t("waitP95"), colour: 4 }),
        lineOf(seen, "wait_p99", { name: t("waitP99"), colour: 0 }),
      ),
      utilization: lineOf(seen, "utilization", { name: t("utilization.title"), area: true, colour: 3 }),
    };
  }, [samples, range, t]);
  const marks = useMemo(
    () => marksOf(resizes, range, ({ from, to, reason }) => `${count(from)} → ${count(to)}${reason ? ` ${t(`short.${reason}`)}` : ""}`),
    [resizes, range, t],
  );
  const unmarked = marks.length ? 0 : resizes.filter(({ at }) => at >= range[0]).length;
  return (
    <>
      <Panel title={t("chart.connections")} note={unmarked ? t("chart.unmarked", { count: unmarked }) : t("chart.connectionsNote")}>
        <TimeChart label={t("chart.connections")} lines={lines.connections} marks={marks} range={range} format={count} height={280} />
      </Panel>
      <Row min={340}>
        <Panel title={t("chart.rate")}>
          <TimeChart label={t("chart.rate")} lines={lines.rate} range={range} format={measure} height={200} />
        </Panel>
        <Panel title={t("chart.times")}>
          <TimeChart label={t("chart.times")} lines={lines.times} range={range} format={milliseconds} height={200} />
        </Panel>
        <Panel title={t("chart.utilization")}>
          <TimeChart label={t("chart.utilization")} lines={lines.utilization} range={range} format={full} most={100} height={200} />
        </Panel>
      </Row>
    </>
  );
}
