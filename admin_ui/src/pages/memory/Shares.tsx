import { Table, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count } from "../../format";
import { reasonsOf, shares, type Change, type Reason, type Share } from "./changes";

const PAGE = 8;

/** One's own memories by agent and by kind, and why some were forgotten. */
export function Shares({ changes }: { readonly changes: readonly Change[] }) {
  const { t } = useTranslation("memory");
  const [byAgent, byKind, reasons] = useMemo(() => [shares(changes, "agent"), shares(changes, "kind"), reasonsOf(changes)] as const, [changes]);
  const number = (key: "created" | "changed" | "forgotten"): TableColumnsType<Share>[number] => ({ key, title: t(`share.${key}`), align: "right", render: (_, share) => count(share[key]) });
  const columns = (by: "agent" | "kind"): TableColumnsType<Share> => [
    { key: "name", title: t(`share.${by}`), ellipsis: true, render: (_, { name }) => name ?? <span className="soft">{t(`share.no.${by}`)}</span> },
    number("created"),
    number("changed"),
    number("forgotten"),
  ];
  const why: TableColumnsType<Reason> = [
    { key: "reason", title: t("reason.reason"), render: (_, { reason }) => <span style={{ overflowWrap: "anywhere" }}>{reason || <span className="soft">{t("reason.none")}</span>}</span> },
    { key: "memories", title: t("reason.memories"), align: "right", render: (_, { memories }) => count(memories) },
    { key: "at", title: t("reason.at"), align: "right", render: (_, { at }) => <When at={at} exact /> },
  ];
  const empty = { emptyText: <Nothing height={90}>{t("share.empty")}</Nothing> };
  const pages = (rows: readonly unknown[]) => rows.length > PAGE && ({ pageSize: PAGE, showSizeChanger: false, size: "small" } as const);
  return (
    <Row min={320}>
      <Panel title={t("share.byAgent")} flush><Table<Share> size="small" rowKey={({ name }) => name ?? ""} columns={columns("agent")} dataSource={[...byAgent]} pagination={pages(byAgent)} locale={empty} /></Panel>
      <Panel title={t("share.byKind")} flush><Table<Share> size="small" rowKey={({ name }) => name ?? ""} columns={columns("kind")} dataSource={[...byKind]} pagination={pages(byKind)} locale={empty} /></Panel>
      <Panel title={t("reason.title")} flush><Table<Reason> size="small" rowKey="reason" columns={why} dataSource={[...reasons]} pagination={pages(reasons)} locale={{ emptyText: <Nothing height={90}>{t("reason.empty")}</Nothing> }} /></Panel>
    </Row>
  );
}
