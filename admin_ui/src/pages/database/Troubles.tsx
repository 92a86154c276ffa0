import { Table, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { CopyButton } from "../../components/CopyButton";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, milliseconds, MISSING, seconds } from "../../format";
import type { Leak, Slow } from "./pools";
import styles from "./Tables.module.css";

const PAGING = { pageSize: 5, hideOnSinglePage: true, showSizeChanger: false, size: "small" } as const;

/** Queries that took longer than the pool's bound, newest first. */
export function SlowQueries({ slow }: { readonly slow: readonly Slow[] }) {
  const { t } = useTranslation("database");
  const rows = useMemo(() => [...slow].reverse(), [slow]);
  const columns = useMemo<TableColumnsType<Slow>>(
    () => [
      { key: "when", title: t("resize.when"), width: 96, render: (_, { at }) => <When at={at} exact /> },
      { key: "took", title: t("slow.took"), width: 104, align: "right", render: (_, { duration }) => milliseconds(duration) },
      {
        key: "query",
        title: t("slow.query"),
        render: (_, { query, truncated, suppressed }) => (
          <>
            <code className={styles["query"]} tabIndex={0}>{query === null ? MISSING : truncated ? `${query} …` : query}</code>
            {suppressed ? <span className="soft">{t("suppressed", { count: suppressed })}</span> : null}
          </>
        ),
      },
      { key: "limit", title: t("slow.limit"), responsive: ["lg"], width: 104, align: "right", render: (_, { limit }) => milliseconds(limit) },
      { key: "end", title: t("slow.end"), responsive: ["md"], width: 104, render: (_, { failed }) => (failed ? <Badge tone="bad">{t("slow.failed")}</Badge> : <Badge>{t("slow.done")}</Badge>) },
      { key: "copy", responsive: ["md"], width: 48, render: (_, { query }) => query && <CopyButton text={query} /> },
    ],
    [t],
  );
  return (
    <Panel title={t("slow.title")} note={rows.length ? t("slow.count", { count: rows.length }) : undefined} flush>
      {rows.length ? <Table rowKey="key" size="middle" columns={columns} dataSource={rows} pagination={PAGING} /> : <Nothing height={90}>{t("slow.none")}</Nothing>}
    </Panel>
  );
}

/** Connections that somebody may have forgotten to give back, newest first, with where they were borrowed. */
export function Leaks({ leaks }: { readonly leaks: readonly Leak[] }) {
  const { t } = useTranslation("database");
  const rows = useMemo(() => [...leaks].reverse(), [leaks]);
  const columns = useMemo<TableColumnsType<Leak>>(
    () => [
      { key: "when", title: t("resize.when"), width: 96, render: (_, { at }) => <When at={at} exact /> },
      { key: "held", title: t("leak.held"), width: 110, align: "right", render: (_, { held }) => seconds(held) },
      { key: "where", title: t("leak.where"), render: (_, { stack }) => <code className={styles["query"]}>{stack[0] ?? MISSING}</code> },
      { key: "task", title: t("leak.task"), responsive: ["md"], render: (_, { task }) => task ?? MISSING },
      { key: "pid", title: t("leak.pid"), responsive: ["lg"], width: 110, align: "right", render: (_, { pid }) => pid ?? MISSING },
      { key: "limit", title: t("leak.limit"), responsive: ["lg"], width: 110, align: "right", render: (_, { limit }) => seconds(limit) },
    ],
    [t],
  );
  const expandable = {
    expandedRowRender: ({ stack, suppressed }: Leak) => (
      <>
        <pre className={styles["stack"]} tabIndex={0} aria-label={t("leak.stack")}>{stack.join("\n")}</pre>
        {suppressed ? <p className="soft">{t("suppressed", { count: suppressed })}</p> : null}
      </>
    ),
    rowExpandable: ({ stack }: Leak) => stack.length > 0,
  };
  return (
    <Panel title={t("leak.title")} note={rows.length ? count(rows.length) : undefined} flush>
      {rows.length ? (
        <Table rowKey="key" size="middle" columns={columns} dataSource={rows} expandable={expandable} pagination={PAGING} />
      ) : (
        <Nothing height={90}>{t("leak.none")}</Nothing>
      )}
    </Panel>
  );
}
