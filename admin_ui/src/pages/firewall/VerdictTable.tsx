import { Drawer, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { When } from "../../components/When";
import { measure, milliseconds } from "../../format";
import type { Schema } from "../../hub/api";
import { AuditedView } from "./AuditedView";
import { EntryLink } from "./EntryLink";
import styles from "./Firewall.module.css";
import { Flags } from "./Flags";
import { DecisionBadge } from "./words";

type Audited = Schema<"AuditedVerdict">;

/** Milliseconds for which the time of day says enough. */
const TODAY = 12 * 3_600_000;

/** Verdicts of the books; one opens with its parameters. `brief`: of one record, whose operation is known. */
export function VerdictTable({ verdicts, brief = false }: { readonly verdicts: readonly Audited[]; readonly brief?: boolean }) {
  const { t } = useTranslation("firewall");
  const [open, setOpen] = useState<Audited>();
  const columns: TableColumnsType<Audited> = [
    {
      title: t("field.at"),
      key: "at",
      width: 92,
      render: (_, audited) => <button type="button" className={styles["link"]} onClick={() => setOpen(audited)}><When at={audited.at} exact={Date.now() - Date.parse(audited.at) < TODAY} /></button>,
    },
    {
      title: t("field.decision"),
      key: "decision",
      width: 148,
      render: (_, { verdict }) => <span className={styles["buttons"]}><DecisionBadge decision={verdict.decision} /><Flags degraded={verdict.degraded} wouldBlock={verdict.would_block} overridden={verdict.overridden} /></span>,
    },
    ...(brief ? [] : [{ title: t("field.operation"), key: "operation", width: 160, responsive: ["lg" as const], render: (_: unknown, { verdict }: Audited) => <div className="mono cut" title={verdict.operation}>{verdict.operation}</div> }]),
    {
      title: t("field.why"),
      key: "why",
      render: (_, { verdict }) => (
        <>
          {!brief && <div className={`mono cut ${styles["narrow"]}`}>{verdict.operation}</div>}
          <div className="cut" title={verdict.why}>{verdict.why}</div>
        </>
      ),
    },
    ...(brief ? [] : [{
      title: t("field.match"),
      key: "match",
      width: 290,
      responsive: ["xl" as const],
      render: (_: unknown, { verdict }: Audited) => verdict.match && (
        <div className="cut">
          {t(`match.${verdict.match.kind}`)}{verdict.match.kind === "similar" && ` ${measure(verdict.match.score)}`} · <EntryLink id={verdict.match.entry_id} rule={verdict.rule_id !== undefined} />
        </div>
      ),
    }]),
    { title: t("field.actor"), key: "actor", width: 110, responsive: ["lg"], render: (_, { actor }) => <div className="cut">{actor}</div> },
    { title: t("field.ms"), key: "ms", width: 84, align: "right", responsive: ["lg"], render: (_, { verdict }) => milliseconds(verdict.ms) },
  ];
  return (
    <>
      <Table<Audited> rowKey={({ verdict }) => verdict.check_id} size="small" tableLayout="fixed" dataSource={[...verdicts]} columns={columns} pagination={false} locale={{ emptyText: <Nothing>{t("books.none")}</Nothing> }} />
      <Drawer open={open !== undefined} onClose={() => setOpen(undefined)} width={620} title={t("live.details")} destroyOnHidden>
        {open && <AuditedView audited={open} />}
      </Drawer>
    </>
  );
}
