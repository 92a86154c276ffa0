import { Skeleton, Tooltip } from "antd";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { bytes, count, measure, milliseconds, MISSING, percent, seconds } from "../../format";
import styles from "./Overview.module.css";
import type { Process } from "./samples";
import type { Pulse } from "./usePulse";

interface Column {
  readonly key: string;
  readonly title: string;
  /** From which width of the window on it is there. */
  readonly from?: "md" | "lg" | "xl";
  readonly text?: true;
  render(process: Process): ReactNode;
}

/**
 * Each process by itself, those that ended in this hour last. A plain table: Ant Design's, with its paging and filters, is as
 * large as all else that the first page needs.
 */
export function Processes({ pulse: { processes, now, loading }, all }: { readonly pulse: Pulse; readonly all: boolean }) {
  const { t } = useTranslation("overview");
  const rows = useMemo(() => [...processes].sort((a, b) => Number(a.gone) - Number(b.gone) || (b.started ?? 0) - (a.started ?? 0)), [processes]);
  const columns = useColumns(now, all);
  const alive = processes.filter(({ gone }) => !gone).length;
  const cell = ({ from, text }: Column) => ({ "data-from": from, className: text ? "" : "numbers" });
  return (
    <Panel title={t("process.title")} note={processes.length > 0 && t("process.count", { count: alive })} flush>
      {rows.length ? (
        <table className={styles["processes"]}>
          <thead>
            <tr>{columns.map((column) => <th key={column.key} {...cell(column)}>{column.title}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((process) => (
              <tr key={process.node}>{columns.map((column) => <td key={column.key} {...cell(column)}>{column.render(process)}</td>)}</tr>
            ))}
          </tbody>
        </table>
      ) : loading ? (
        <Skeleton active title={false} style={{ padding: 16 }} />
      ) : (
        <Nothing height={100}>{t("process.nothing")}</Nothing>
      )}
    </Panel>
  );
}

function useColumns(now: number, all: boolean): readonly Column[] {
  const { t } = useTranslation("overview");
  return useMemo(() => {
    const number = (key: string, show: (process: Process) => string, from?: Column["from"]): Column => ({
      key,
      title: t(`process.${key}` as "process.connections"), // one of the texts below `process`
      render: (process) => (process.gone ? <span className="soft">{MISSING}</span> : show(process)),
      ...(from && { from }),
    });
    const node: Column = {
      key: "node",
      title: t("process.node"),
      text: true,
      render: (process) => (
        <>
          <code>{process.node || t("process.only")}</code>
          <div className={styles["below"]}><Life process={process} now={now} /></div>
        </>
      ),
    };
    const shown = [
      node,
      { key: "state", title: t("process.state"), text: true, from: "md", render: (process) => <Life process={process} now={now} /> } satisfies Column,
      number("connections", ({ last }) => count(last.numbers.connections)),
    ];
    const more = [
      number("publications", ({ last }) => `${measure(last.numbers.publications_per_second)}/s`, "md"),
      number("deliveries", ({ last }) => `${measure(last.numbers.deliveries_per_second)}/s`, "lg"),
      number("latency", ({ last }) => milliseconds(last.numbers.publish_to_write_p99), "md"),
      number("lag", ({ last }) => milliseconds(last.numbers.loop_lag_max), "md"),
      number("slow", ({ last }) => count(last.numbers.slow_connections), "xl"),
      number("queued", ({ last }) => bytes(last.numbers.queued_bytes), "xl"),
    ];
    return [
      ...shown,
      ...(all ? more : []),
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
