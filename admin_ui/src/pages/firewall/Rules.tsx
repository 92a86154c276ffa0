import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Table, type TableColumnsType } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { When } from "../../components/When";
import { type Schema, useAnswer } from "../../hub/api";
import { inWords } from "./conditions";
import { Confidence } from "./Confidence";
import styles from "./Firewall.module.css";
import { ForOperators } from "./ForOperators";
import { RuleDrawer } from "./RuleDrawer";
import { RuleForm } from "./RuleForm";
import { StatusBadge } from "./words";

type Rule = Schema<"ErrorRule">;

/** Conditions under which operations fail. */
export function Rules() {
  const { t } = useTranslation("firewall");
  const answer = useAnswer("/api/firewall/rules", {}, { every: 10_000 });
  const [text, setText] = useAddress("text");
  const [open, setOpen] = useAddress("rule");
  const [form, setForm] = useState<{ readonly rule?: Rule }>();
  const rules = answer.data?.rules;
  const shown = useMemo(() => rules?.filter((rule) => holds(rule, text)), [rules, text]);
  return (
    <Panel
      flush
      title={t("tab.rules")}
      note={rules && t("rules.count", { count: rules.length })}
      actions={
        <>
          <Input data-search allowClear value={text} onChange={({ target }) => setText(target.value)} placeholder={t("rules.search")} aria-label={t("rules.search")} style={{ width: 230 }} />
          <ForOperators>{(disabled) => <Button type="primary" icon={<PlusOutlined />} disabled={disabled} onClick={() => setForm({})}>{t("rules.make")}</Button>}</ForOperators>
        </>
      }
    >
      <Loaded answer={answer}>
        {({ rules: { length } }) =>
          length ? <RuleTable rules={shown ?? []} open={setOpen} /> : <Nothing title={t("rules.none")}>{t("rules.how")}</Nothing>
        }
      </Loaded>
      <RuleDrawer rule={rules?.find(({ id }) => id === open)} missing={Boolean(open && rules && !rules.some(({ id }) => id === open))} close={() => setOpen("")} edit={(rule) => setForm({ rule })} />
      {form && <RuleForm {...form} close={() => setForm(undefined)} made={(rule) => setOpen(rule.id)} />}
    </Panel>
  );
}

const holds = ({ id, title, operation, error_type: type, solution }: Rule, text: string): boolean =>
  [id, title, operation, type, solution?.text].join("\n").toLowerCase().includes(text.trim().toLowerCase());

function RuleTable({ rules, open }: { readonly rules: readonly Rule[]; open(id: string): void }) {
  const { t } = useTranslation("firewall");
  const columns: TableColumnsType<Rule> = [
    { title: t("field.status"), key: "status", width: 128, render: (_, { status }) => <StatusBadge status={status} /> },
    {
      title: t("field.rule"),
      key: "rule",
      render: (_, rule) => (
        <>
          <button type="button" className={styles["link"]} onClick={() => open(rule.id)}>{rule.title || rule.id}</button>
          <div className={styles["sub"]}>{rule.predicates.map((predicate) => inWords(predicate, t)).join(t("condition.and"))}</div>
        </>
      ),
    },
    { title: t("field.operation"), key: "operation", width: 170, responsive: ["md"], render: (_, { operation }) => <span className="mono">{operation}</span> },
    { title: t("field.action"), key: "action", width: 120, responsive: ["lg"], render: (_, { action }) => t(`does.${action}`) },
    { title: t("field.confidence"), key: "confidence", width: 190, responsive: ["lg"], render: (_, { confidence }) => <Confidence of={confidence} brief /> },
    { title: t("field.changedBy"), key: "by", width: 130, responsive: ["xl"], render: (_, { changed_by: by }) => <div className="cut">{by}</div> },
    { title: t("field.updated"), key: "updated", width: 140, responsive: ["md"], render: (_, { updated_at: at }) => <When at={at} /> },
  ];
  return <Table<Rule> rowKey="id" size="middle" tableLayout="fixed" dataSource={[...rules]} columns={columns} pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} locale={{ emptyText: <Nothing>{t("records.noneFit")}</Nothing> }} />;
}
