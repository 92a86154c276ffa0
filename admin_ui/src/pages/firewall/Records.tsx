import { Input, Segmented, Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Loaded } from "../../components/Loaded";
import { Nothing, Snippet } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { When } from "../../components/When";
import { count } from "../../format";
import { type Schema, useAnswer } from "../../hub/api";
import { Confidence } from "./Confidence";
import styles from "./Firewall.module.css";
import { STATUSES, type Status, StatusBadge } from "./words";

type Record = Schema<"ErrorRecord">;

const COMMAND = "tocsin firewall record ios_build DeviceNotFound 'no simulator' device='iPhone 15' os_version=17.0";

/** Records on a page. */
const PAGE = 25;

const isStatus = (name: string): name is Status => (STATUSES as readonly string[]).includes(name);

/** What is known: each error once, the newest sighting first. */
export function Records({ stats }: { readonly stats: Schema<"FirewallStatistics"> | undefined }) {
  const { t } = useTranslation("firewall");
  const [status, setStatus] = useAddress("status");
  const [operation, setOperation] = useAddress("operation");
  const [text, setText] = useAddress("text");
  const [page, setPage] = useAddress("page", "1");
  const at = Math.max(1, Number.parseInt(page, 10) || 1);
  const query = {
    limit: PAGE,
    offset: (at - 1) * PAGE,
    ...(isStatus(status) && { status }),
    ...(operation && { operation }),
    ...(text && { text }),
  };
  const answer = useAnswer("/api/firewall/records", { query }, { every: 10_000 });
  const first = (change: (value: string) => void) => (value: string) => {
    change(value);
    setPage("1");
  };
  const columns = useColumns(first(setOperation));
  const filtered = Boolean(status || operation || text);
  return (
    <Panel
      flush
      title={t("tab.records")}
      note={answer.data && t("records.count", { count: answer.data.total })}
      actions={
        <>
          <Segmented
            value={status}
            onChange={first(setStatus)}
            options={[{ value: "", label: t("records.all") }, ...STATUSES.map((value) => ({ value, label: `${t(`status.${value}`)} ${stats ? count(stats.records[value]) : ""}` }))]}
            className={styles["segments"] ?? ""}
          />
          <Input.Search data-search allowClear defaultValue={text} onSearch={first(setText)} placeholder={t("records.search")} aria-label={t("records.search")} style={{ width: 230 }} />
          <Input.Search allowClear defaultValue={operation} key={operation} onSearch={first(setOperation)} placeholder={t("field.operation")} aria-label={t("field.operation")} style={{ width: 190 }} />
        </>
      }
    >
      <Loaded answer={answer} rows={8}>
        {({ records, total }) =>
          total === 0 && !filtered ? (
            <Nothing title={t("records.none")} action={<Snippet>{COMMAND}</Snippet>}>{t("records.how")}</Nothing>
          ) : (
            <Table<Record>
              rowKey="id"
              size="middle"
              dataSource={[...records]}
              columns={columns}
              tableLayout="fixed"
              locale={{ emptyText: <Nothing>{t("records.noneFit")}</Nothing> }}
              pagination={{ current: at, pageSize: PAGE, total, onChange: (next) => setPage(String(next)), showSizeChanger: false, hideOnSinglePage: true, style: { padding: "0 16px" } }}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

function useColumns(choose: (operation: string) => void): TableColumnsType<Record> {
  const { t } = useTranslation("firewall");
  return [
    { title: t("field.status"), key: "status", width: 128, render: (_, { status }) => <StatusBadge status={status} /> },
    {
      title: t("field.error"),
      key: "error",
      render: (_, record) => (
        <>
          <Link to={`/firewall/records/${encodeURIComponent(record.id)}`} className={`${styles["clamp"]} ${styles["subject"]}`}>{record.error_type}{record.message && `: ${record.message}`}</Link>
          <div className={`mono cut ${styles["sub"]}`}>{record.id}</div>
        </>
      ),
    },
    {
      title: t("field.operation"),
      key: "operation",
      width: 150,
      responsive: ["lg"],
      render: (_, { operation }) => <button type="button" className={`mono ${styles["link"]}`} onClick={() => choose(operation)} title={t("records.only", { operation })}>{operation}</button>,
    },
    { title: t("field.solution"), key: "solution", width: 200, responsive: ["xl"], render: (_, { solution }) => <div className={styles["clamp"]}>{solution?.text}</div> },
    { title: t("field.confidence"), key: "confidence", width: 168, responsive: ["lg"], render: (_, { confidence }) => <Confidence of={confidence} brief /> },
    { title: t("field.occurrences"), key: "occurrences", width: 84, align: "right", responsive: ["md"], render: (_, { occurrences }) => count(occurrences) },
    { title: t("field.lastSeen"), key: "last", width: 140, responsive: ["md"], render: (_, { last_seen: last }) => <When at={last} /> },
  ];
}
