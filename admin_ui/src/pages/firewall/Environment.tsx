import { Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Json } from "../../components/Json";
import { Loaded } from "../../components/Loaded";
import { Nothing, Snippet } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count } from "../../format";
import { type Schema, useAnswer } from "../../hub/api";
import styles from "./Firewall.module.css";

type Resource = Schema<"EnvironmentResource">;

const COMMAND = `curl -X PUT "$TOCSIN_URL/api/firewall/environment/ios_simulators" -H 'Content-Type: application/json' \\
  -d '{"items": [{"name": "iPhone 15", "os": "17.0"}],
       "covers": {"ios_build": {"name": "params.device", "os": "params.os_version"}}}'`;

/** What there really is: entries that miss it say nothing about calls that it can serve. */
export function Environment() {
  const { t } = useTranslation("firewall");
  const answer = useAnswer("/api/firewall/environment", {}, { every: 10_000 });
  const columns: TableColumnsType<Resource> = [
    { title: t("field.resource"), key: "name", render: (_, { name }) => <span className="mono">{name}</span> },
    { title: t("field.items"), key: "items", width: 90, align: "right", render: (_, { items }) => count(items.length) },
    { title: t("field.covers"), key: "covers", responsive: ["md"], render: (_, { covers }) => <Covers of={covers} /> },
    { title: t("field.changedBy"), key: "by", width: 150, responsive: ["lg"], render: (_, { changed_by: by }) => by },
    { title: t("field.updated"), key: "at", width: 150, responsive: ["md"], render: (_, { updated_at: at }) => <When at={at} /> },
  ];
  return (
    <Panel flush title={t("tab.environment")} note={t("environment.note")}>
      <Loaded answer={answer}>
        {({ resources }) =>
          resources.length ? (
            <Table<Resource>
              rowKey="name"
              size="middle"
              tableLayout="fixed"
              dataSource={[...resources]}
              columns={columns}
              pagination={{ pageSize: 50, hideOnSinglePage: true }}
              expandable={{ expandedRowRender: ({ items, covers }) => <Json value={{ covers, items }} /> }}
            />
          ) : (
            <Nothing title={t("environment.none")} action={<Snippet>{COMMAND}</Snippet>}>{t("environment.how")}</Nothing>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Covers({ of }: { readonly of: Resource["covers"] }) {
  return (
    <>
      {Object.entries(of).map(([operation, fields]) => (
        <div key={operation} className={styles["sub"]}>
          <span className="mono">{operation}</span>: {Object.entries(fields).map(([item, call]) => `${item} = ${call}`).join(", ")}
        </div>
      ))}
    </>
  );
}
