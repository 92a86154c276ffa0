import { Table, Tooltip, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { bytes, count, measure, milliseconds, percent, seconds } from "../../format";
import styles from "./Overview.module.css";
import type { Process } from "./samples";
import type { Pulse } from "./usePulse";

const PAGE = 16;

/** Each process by itself, those that ended in this hour last. */
export function Processes({ pulse: { processes, now, loading }, all }: { readonly pulse: Pulse; readonly all: boolean }) {
  const { t } = useTranslation("overview");
  const rows = useMemo(() => [...processes].sort((a, b) => Number(a.gone) - Number(b.gone) || (b.started ?? 0) - (a.started ?? 0)), [processes]);
  const columns = useColumns(now, all);
  const alive = processes.filter(({ gone }) => !gone).length;
  return (
    <Panel title={t("process.title")} note={processes.length > 0 && t("process.count", { count: alive })} flush>
      <Table<Process>
        rowKey="node"
        columns={columns}
        dataSource={rows}
        size="middle"
        loading={loading}
        pagination={rows.length > PAGE && { pageSize: PAGE, showSizeChanger: false }}
        locale={{ emptyText: <Nothing height={100}>{t("process.nothing")}</Nothing> }}
      />
    </Panel>
  );
}

function useColumns(now: number, all: boolean): TableColumnsType<Process> {
  const { t } = useTranslation("overview");
  return useMemo(() => {
    const number = (key: string, show: (process: Process) => string, wide?: "md" | "lg" | "xl"): TableColumnsType<Process>[number] => ({
      key,
      title: t(`process.${key}` as "process.connections"), // one of the texts below `process`
      align: "right",
      render: (_, process) => (process.gone ? <span className="soft">–</span> : show(process)),
      ...(wide && { responsive: [wide] }),
    });
    const shown: TableColumnsType<Process> = [
      {
        key: "node",
        title: t("process.node"),
        render: (_, process) => (
          <>
            <code>{process.node || t("process.only")}</code>
            <div className={styles["below"]}><Life process={process} now={now} /></div>
          </>
        ),
      },
      { key: "state", title: t("process.state"), render: (_, process) => <Life process={process} now={now} />, responsive: ["md"] },
      number("connections", ({ last }) => count(last.numbers.connections)),
    ];
    if (all) {
      shown.push(
        number("publications", ({ last }) => `${measure(last.numbers.publications_per_second)}/s`, "md"),
        number("deliveries", ({ last }) => `${measure(last.numbers.deliveries_per_second)}/s`, "lg"),
        number("latency", ({ last }) => milliseconds(last.numbers.publish_to_write_p99), "md"),
        number("lag", ({ last }) => milliseconds(last.numbers.loop_lag_max), "md"),
        number("slow", ({ last }) => count(last.numbers.slow_connections), "xl"),
        number("queued", ({ last }) => bytes(last.numbers.queued_bytes), "xl"),
      );
    }
    return [
      ...shown,
      number("cpu", ({ last }) => percent(last.numbers.cpu_usage)),
      number("memory", ({ last }) => bytes(last.numbers.memory_usage === undefined ? undefined : last.numbers.memory_usage * 1e6), "lg"),
    ];
  }, [now, all, t]);
}

function Life({ process: { gone, last, started }, now }: { readonly process: Process; readonly now: number }) {
  const { t } = useTranslation("overview");
  if (gone) return <Tooltip title={t("process.goneAbout")}><span><Badge tone="warn">{t("process.gone")}</Badge> <span className="soft"><When at={last.at} exact /></span></span></Tooltip>;
  const { broker_available: broker = true, degraded } = last.numbers;
  if (!broker) return <Tooltip title={degraded}><span><Badge tone="bad">{t("process.noBroker")}</Badge></span></Tooltip>;
  return <span className="soft">{started === undefined ? "–" : t("process.up", { time: seconds(Math.max(0, Math.floor((now - started) / 1000))) })}</span>;
}
