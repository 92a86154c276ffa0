import { SearchOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Table, type TableColumnsType } from "antd";
import { memo, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { useAddress } from "../../components/useAddress";
import { usePaced } from "../../components/usePaced";
import { bytes, count, milliseconds, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { ChannelInput } from "./ChannelInput";
import { PAGE, pageWithin, queryOf, SORTS, type Connection, type Sort } from "./connections";
import styles from "./Connections.module.css";
import { Details } from "./Details";
import { useDisconnect } from "./disconnecting";

const EVERY = 2_000;

/** The connections of all processes, a page at a time: the hub sorts and searches, so ten thousand are as quick as ten. */
export function List() {
  const { t } = useTranslation("connections");
  const [search, setSearch] = useAddress("search");
  const [channel, setChannel] = useAddress("on");
  const [sort, setSort] = useAddress("sort", SORTS[0]);
  const [page, setPage] = useState(1);
  const sorted: Sort = SORTS.find((one) => one === sort) ?? SORTS[0];
  const from1 = (set: (value: string) => void) => (value: string) => {
    setPage(1);
    set(value);
  };
  const answer = useAnswer("/api/connections", { query: queryOf(usePaced(search), usePaced(channel), sorted, page) }, { every: EVERY });
  const total = answer.data?.total;
  useEffect(() => {
    if (total !== undefined) setPage((last) => pageWithin(last, total));
  }, [total]);
  return (
    <div className={styles["list"]}>
      <div className={styles["filters"]}>
        <Input data-search allowClear prefix={<SearchOutlined aria-hidden />} aria-label={t("filter.search")} placeholder={t("filter.search")} value={search} onChange={({ target }) => from1(setSearch)(target.value)} />
        <ChannelInput allowClear aria-label={t("filter.channel")} placeholder={t("filter.channel")} value={channel} onChange={(value) => from1(setChannel)(value ?? "")} />
        <div className={styles["sorts"]}>
          <Segmented aria-label={t("sort.label")} value={sorted} onChange={from1(setSort)} options={SORTS.map((value) => ({ value, label: t(`sort.${value}`) }))} />
        </div>
      </div>
      <Loaded answer={answer} rows={10}>
        {(found) => (
          <>
            <Partial answer={found} />
            <Panel title={t("list.title")} note={count(found.total)} flush>
              {found.total ? (
                <Rows connections={found.connections} total={found.total} page={page} turn={setPage} stale={answer.isPlaceholderData} />
              ) : (
                <Nothing>{search || channel ? t("list.noneFits") : t("list.none")}</Nothing>
              )}
            </Panel>
          </>
        )}
      </Loaded>
    </div>
  );
}

interface RowsProps {
  readonly connections: readonly Connection[];
  readonly total: number;
  readonly page: number;
  /** These are the ones before, and what was asked for is on its way. */
  readonly stale: boolean;
  turn(page: number): void;
}

/** Drawn when the hub answered, not with every letter that is typed. */
const Rows = memo(function Rows({ connections, total, page, stale, turn }: RowsProps) {
  const { t } = useTranslation("connections");
  const disconnect = useDisconnect();
  const own = useSession().hub.welcome?.["session"];
  const columns: TableColumnsType<Connection> = [
    {
      title: t("column.who"),
      render: (_, { user, client_id, session }) => (
        <div className={styles["who"]}>
          <strong>{user ?? client_id}</strong>
          <span className="soft">{[user ? user !== client_id && client_id : t("list.anonymous"), session === own && t("list.own")].filter(Boolean).join(" · ")}</span>
        </div>
      ),
    },
    { title: t("column.transport"), width: 110, responsive: ["md"], render: (_, { transport }) => t(`transport.${transport}`) },
    { title: t("column.address"), width: 150, responsive: ["lg"], render: (_, { address }) => address },
    { title: t("column.channels"), width: 110, align: "right", responsive: ["sm"], render: (_, { channels }) => count(channels.length) },
    {
      title: t("column.queued"),
      width: 130,
      align: "right",
      render: (_, { queued_bytes, slow }) => (
        <span className={styles["queued"]}>
          {slow && <Badge tone="bad">{t("list.slow")}</Badge>} {bytes(queued_bytes)}
        </span>
      ),
    },
    { title: t("column.latency"), width: 110, align: "right", responsive: ["sm"], render: (_, { latency_ms }) => milliseconds(latency_ms) },
    { title: t("column.opened"), width: 120, align: "right", responsive: ["md"], render: (_, { opened }) => seconds(opened) },
    { title: "", width: 120, align: "right", responsive: ["md"], render: (_, connection) => <Button size="small" onClick={() => disconnect(connection)}>{t("disconnect.ok")}</Button> },
  ];
  return (
    <Table
      rowKey="session"
      size="middle"
      columns={columns}
      dataSource={connections}
      loading={{ spinning: stale, delay: 300 }}
      expandable={{ expandedRowRender: (connection) => <Details connection={connection} /> }}
      pagination={total > PAGE && { current: page, pageSize: PAGE, total, onChange: turn, showSizeChanger: false, style: { paddingInline: 16 } }}
    />
  );
});
