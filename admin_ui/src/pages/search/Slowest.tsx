import { Table, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Json } from "../../components/Json";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, milliseconds, MISSING } from "../../format";
import styles from "./Lists.module.css";
import type { Completed } from "./searches";
import { slowest } from "./summary";

/** Searches that are shown: beyond them it is the distribution that tells more. */
const SHOWN = 50;

/** The searches that took longest. */
export function Slowest({ completed }: { readonly completed: readonly Completed[] }) {
  const { t } = useTranslation("search");
  const rows = useMemo(() => slowest(completed, SHOWN), [completed]);
  const columns = useMemo<TableColumnsType<Completed>>(
    () => [
      { key: "took", title: t("slowest.took"), width: 96, align: "right", render: (_, { took }) => <b>{milliseconds(took)}</b> },
      { key: "query", title: t("slowest.query"), render: (_, { query }) => <span className={styles["text"]}>{query ?? MISSING}</span> },
      { key: "collection", title: t("collection.title"), responsive: ["md"], render: (_, { collection }) => collection ?? MISSING },
      { key: "results", title: t("slowest.results"), responsive: ["lg"], width: 110, align: "right", render: (_, { results, topK }) => t("slowest.resultsOf", { results: count(results), asked: count(topK) }) },
      { key: "ef", title: "ef_search", responsive: ["lg"], width: 110, align: "right", render: (_, { ef, exact }) => (exact === null ? count(ef) : t("slowest.exact")) },
      ...(["embedding", "searching", "reranking"] as const).map((stage) => ({
        key: stage, title: t(`stage.${stage}`), responsive: ["xl" as const], width: 120, align: "right" as const,
        render: (_: unknown, { parts }: Completed) => milliseconds(parts[stage]),
      })),
      { key: "when", title: t("slowest.when"), width: 100, responsive: ["sm"], align: "right", render: (_, { at }) => <When at={at} exact /> },
    ],
    [t],
  );
  const expandable = { expandedRowRender: ({ data }: Completed) => <Json value={data} /> };
  return (
    <Panel title={t("slowest.title")} note={t("slowest.note", { shown: count(rows.length), of: count(completed.length) })} flush>
      {rows.length ? (
        <Table rowKey="key" size="middle" columns={columns} dataSource={rows} expandable={expandable} pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false, size: "small" }} />
      ) : (
        <Nothing height={110}>{t("slowest.none")}</Nothing>
      )}
    </Panel>
  );
}
