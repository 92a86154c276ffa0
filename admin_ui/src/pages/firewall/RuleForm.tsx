import { Button, Drawer, Form, Input, InputNumber, Radio, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../components/Refused";
import { type Schema, useAction } from "../../hub/api";
import { inWords, UnreadableValue } from "./conditions";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { JsonInput } from "./JsonInput";
import { Predicates } from "./Predicates";
import { Requirement } from "./Requirement";
import { newRule, ruleChange, type RuleValues, UNITS, type Unit, valuesOf } from "./ruleValues";
import { useSchemas } from "./useSchemas";

type Rule = Schema<"ErrorRule">;

interface RuleFormProps {
  /** The one that is changed; without it a new one is made. */
  readonly rule?: Rule;
  close(): void;
  made(rule: Rule): void;
}

/** Makes a rule, or changes what one says. Its conditions are what it is, so they can't be changed. */
export function RuleForm({ rule, close, made }: RuleFormProps) {
  const { t } = useTranslation("firewall");
  const common = useTranslation().t;
  const { rules, choices, property } = useSchemas();
  const [form] = Form.useForm<RuleValues>();
  const lifetime = Form.useWatch("lifetime", form);
  const [begun] = useState(rule);
  const save = useAction(
    (api, values: RuleValues) =>
      begun ? api.put("/api/firewall/rules/{rule}", { params: { rule: begun.id }, body: ruleChange(begun, values) }) : api.post("/api/firewall/rules", { body: newRule(values) }),
    { stale: ["/api/firewall/rules", "/api/firewall/stats"], done: t(begun ? "done.edit" : "done.make"), quiet: true },
  );
  const submit = (values: RuleValues) => {
    const saved = (answer: Rule) => {
      close();
      made(answer);
    };
    try {
      if (!begun) newRule(values);
      save.mutate({ ...valuesOf(begun), ...values }, { onSuccess: saved });
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      form.setFields([{ name: "predicates", errors: [t(`form.${error.reason}`, { value: error.value })] }]);
    }
  };
  return (
    <Drawer
      open
      width={720}
      onClose={close}
      title={begun ? t("rules.change", { name: begun.title || begun.id }) : t("rules.make")}
      footer={
        <div className={styles["buttons"]}>
          <Button type="primary" loading={save.isPending} onClick={form.submit}>{begun ? common("action.save") : t("rules.make")}</Button>
          <Button onClick={close}>{common("action.cancel")}</Button>
        </div>
      }
    >
      <Refused error={save.error} />
      <Form form={form} layout="vertical" requiredMark={false} onFinish={submit} initialValues={valuesOf(begun)} scrollToFirstError>
        {begun ? <Fixed rule={begun} /> : (
          <>
            <Form.Item name="title" label={t("field.title")} rules={rules("RuleBody", "title")}><Input autoFocus placeholder={t("form.title")} /></Form.Item>
            <Form.Item name="operation" label={t("field.operation")} rules={rules("RuleBody", "operation")}><Input className="mono" placeholder="ios_build" /></Form.Item>
            <Form.Item name="error_type" label={t("field.errorType")} rules={rules("RuleBody", "error_type")}><Input className="mono" placeholder="DeviceNotFound" /></Form.Item>
            <Predicates />
          </>
        )}
        <Form.Item name="action" label={t("field.action")}>
          <Radio.Group options={(choices("RuleBody", "action") as readonly Rule["action"][]).map((value) => ({ value, label: t(`does.${value}`) }))} />
        </Form.Item>
        <Form.Item name="solution" label={t("field.solution")} extra={t("form.optional")} rules={rules("SolutionBody", "text", true)}><Input.TextArea rows={2} /></Form.Item>
        <JsonInput name="params" label={t("field.solutionParams")} rows={2} extra={t("form.solutionParams")} />
        <Requirement />
        <Form.Item name="fail_mode" label={t("field.failMode")} extra={t("form.failMode")}>
          <Select options={[{ value: "", label: t("failMode.configured") }, ...(choices("RuleBody", "fail_mode") as readonly ("open" | "closed")[]).map((value) => ({ value, label: t(`failMode.${value}`) }))]} />
        </Form.Item>
        <Form.Item name="lifetime" label={t("field.lifetime")}>
          <Radio.Group options={(begun ? (["kept", "endless", "limited"] as const) : (["endless", "limited"] as const)).map((value) => ({ value, label: t(`lifetime.${value}`) }))} />
        </Form.Item>
        {lifetime === "limited" && (
          <Space.Compact style={{ marginBottom: 24 }}>
            <Form.Item name="amount" noStyle rules={[{ required: true, message: t("form.required") }]}>
              <InputNumber min={1} max={(property("RuleBody", "seconds").maximum ?? UNITS.days) / UNITS.days} aria-label={t("field.lifetime")} />
            </Form.Item>
            <Form.Item name="unit" noStyle>
              <Select aria-label={t("lifetime.unit")} style={{ width: 120 }} options={(Object.keys(UNITS) as Unit[]).map((value) => ({ value, label: t(`lifetime.${value}`) }))} />
            </Form.Item>
          </Space.Compact>
        )}
        {!begun && (
          <Form.Item name="record_ids" label={t("field.records")} extra={t("form.records")}>
            <Select mode="tags" open={false} suffixIcon={null} maxCount={property("RuleBody", "record_ids").maxItems ?? Number.MAX_SAFE_INTEGER} tokenSeparators={[",", " ", "\n"]} />
          </Form.Item>
        )}
        <Form.Item name="reason" label={t("field.reason")} extra={t("form.reason")} rules={rules("ChangeBody", "reason")}><Input.TextArea rows={2} /></Form.Item>
      </Form>
    </Drawer>
  );
}

function Fixed({ rule }: { readonly rule: Rule }) {
  const { t } = useTranslation("firewall");
  return (
    <div style={{ marginBottom: 20 }}>
      <Facts
        items={[
          [t("field.operation"), <span key="operation" className="mono">{rule.operation}</span>],
          [t("field.conditions"), <ul key="conditions" className={styles["conditions"]}>{rule.predicates.map((predicate, at) => <li key={at}>{inWords(predicate, t)}</li>)}</ul>],
        ]}
      />
    </div>
  );
}
