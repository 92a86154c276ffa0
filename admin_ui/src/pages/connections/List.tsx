import { SearchOutlined } from "@ant-design/icons";
import { Input, Segmented, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { useAddress } from "../../components/useAddress";
import { bytes, count, milliseconds, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { PAGE, queryOf, SORTS, type Connection, type Sort } from "./connections";
import styles from "./Connections.module.css";
import { Details } from "./Details";
import { Disconnect } from "./Disconnect";

const EVERY = 3_000;

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
  const answer = useAnswer("/api/connections", { query: queryOf(search, channel, sorted, page) }, { every: EVERY });
  return (
    <div className={styles["list"]}>
      <div className={styles["filters"]}>
        <Input data-search allowClear prefix={<SearchOutlined aria-hidden />} aria-label={t("filter.search")} placeholder={t("filter.search")} value={search} onChange={({ target }) => from1(setSearch)(target.value)} />
        <Input allowClear prefix="#" aria-label={t("filter.channel")} placeholder={t("filter.channel")} value={channel} onChange={({ target }) => from1(setChannel)(target.value)} />
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
                <Rows connections={found.connections} total={found.total} page={page} turn={setPage} />
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
  turn(page: number): void;
}

function Rows({ connections, total, page, turn }: RowsProps) {
  const { t } = useTranslation("connections");
  const columns: TableColumnsType<Connection> = [
    {
      title: t("column.who"),
      render: (_, { user, client_id }) => (
        <div className={styles["who"]}>
          <strong>{user ?? t("list.anonymous")}</strong>
          {user !== client_id && <span className="soft mono">{client_id}</span>}
        </div>
      ),
    },
    { title: t("column.transport"), width: 110, responsive: ["md"], render: (_, { transport }) => t(`transport.${transport}`) },
    { title: t("column.address"), width: 150, responsive: ["lg"], render: (_, { address }) => <span className="mono">{address}</span> },
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
    { title: "", width: 120, align: "right", responsive: ["md"], render: (_, connection) => <Disconnect connection={connection} /> },
  ];
  return (
    <Table
      rowKey="session"
      size="middle"
      columns={columns}
      dataSource={[...connections]}
      expandable={{ expandedRowRender: (connection) => <Details connection={connection} />, expandRowByClick: false }}
      pagination={total > PAGE && { current: page, pageSize: PAGE, total, onChange: turn, showSizeChanger: false, style: { paddingInline: 16 } }}
    />
  );
}
