import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { Table, Tooltip, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Sparkline } from "../../components/Sparkline";
import { When } from "../../components/When";
import { count, measure, milliseconds, MISSING, percent } from "../../format";
import { toneOf } from "./charts";
import type { Resize } from "./pools";
import styles from "./Tables.module.css";

/** Every change of a pool's size, newest first: why it came, and what was after it. */
export function Resizes({ resizes }: { readonly resizes: readonly Resize[] }) {
  const { t } = useTranslation("database");
  const rows = useMemo(() => [...resizes].reverse(), [resizes]);
  const columns = useMemo<TableColumnsType<Resize>>(
    () => [
      { key: "when", title: t("resize.when"), width: 96, render: (_, { at }) => <When at={at} exact /> },
      { key: "change", title: t("resize.change"), width: 110, render: (_, resize) => <Change resize={resize} /> },
      {
        key: "reason",
        title: t("resize.reason"),
        render: (_, { reason, samples }) => (
          <div className={styles["reason"]}>
            <span>{reason ? t(`reason.${reason}`) : MISSING}</span>
            <Samples samples={samples} label={t("resize.samples", { values: samples.map((value) => percent(value)).join(", ") })} />
          </div>
        ),
      },
      { key: "open", title: t("resize.after"), responsive: ["md"], align: "right", render: (_, { after }) => t("resize.open", { active: count(after.active_connections), idle: count(after.idle_connections), overflow: count(after.overflow_connections) }) },
      { key: "utilization", title: t("utilization.title"), responsive: ["sm"], align: "right", width: 110, render: (_, { after }) => percent(after.utilization) },
      { key: "qps", title: t("qps"), responsive: ["lg"], align: "right", width: 120, render: (_, { after }) => measure(after.qps) },
      { key: "query", title: t("queryTime"), responsive: ["lg"], align: "right", width: 120, render: (_, { after }) => milliseconds(after.avg_query_time) },
      { key: "wait", title: t("resize.wait"), responsive: ["lg"], align: "right", width: 120, render: (_, { after }) => milliseconds(after.max_wait_time) },
    ],
    [t],
  );
  return (
    <Panel title={t("resize.title")} note={rows.length ? t("resize.count", { count: rows.length }) : undefined} flush>
      {rows.length ? (
        <Table rowKey="key" size="middle" columns={columns} dataSource={rows} pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false, size: "small" }} />
      ) : (
        <Nothing height={110}>{t("resize.none")}</Nothing>
      )}
    </Panel>
  );
}

function Change({ resize }: { readonly resize: Resize }) {
  const { from, to } = resize;
  const known = from !== null && to !== null && from !== to;
  return (
    <Badge tone={toneOf(resize) === "good" ? "good" : "info"}>
      {known && (to > from ? <ArrowUpOutlined aria-hidden /> : <ArrowDownOutlined aria-hidden />)}
      {count(from)} → {count(to)}
    </Badge>
  );
}

const WHOLE = [0, 100] as const;

/** The utilization that caused it, as a line and in words. */
function Samples({ samples, label }: { readonly samples: readonly number[]; readonly label: string }) {
  if (!samples.length) return null;
  const [least, most] = [Math.min(...samples), Math.max(...samples)];
  return (
    <Tooltip title={label}>
      <span className={styles["samples"]} tabIndex={0} aria-label={label} role="img">
        <span className={styles["line"]} aria-hidden="true"><Sparkline values={samples} range={WHOLE} /></span>
        <span aria-hidden="true">{Math.round(least) === Math.round(most) ? percent(most) : `${count(least)}–${percent(most)}`}</span>
      </span>
    </Tooltip>
  );
}
