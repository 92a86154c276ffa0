import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, InputNumber, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { type Draft, type Kind, takesCase, type ValueType } from "./conditions";
import styles from "./Firewall.module.css";
import { useSchemas } from "./useSchemas";

const TYPES = ["text", "number", "boolean", "null"] as const satisfies readonly ValueType[];

/** The conditions of a rule, all of which must hold. */
export function Predicates() {
  const { t } = useTranslation("firewall");
  const { property } = useSchemas();
  const { minItems = 1, maxItems } = property("RuleBody", "predicates");
  return (
    <Form.List name="predicates">
      {(fields, { add, remove }, { errors }) => (
        <Form.Item label={t("field.conditions")} required={false} extra={t("form.conditions")}>
          {fields.map(({ key, name }) => (
            <Predicate key={key} at={name} remove={fields.length > minItems ? () => remove(name) : undefined} />
          ))}
          <Button icon={<PlusOutlined />} disabled={maxItems !== undefined && fields.length >= maxItems} onClick={() => add({ kind: "equals", field: "", type: "text", value: "" } satisfies Draft)}>
            {t("form.addCondition")}
          </Button>
          <Form.ErrorList errors={errors} />
        </Form.Item>
      )}
    </Form.List>
  );
}

function Predicate({ at, remove }: { readonly at: number; readonly remove: (() => void) | undefined }) {
  const { t } = useTranslation("firewall");
  const { rules, choices } = useSchemas();
  const draft = Form.useWatch<Draft | undefined>(["predicates", at]);
  const kind = draft?.kind ?? "equals";
  return (
    <div className={styles["predicate"]} role="group" aria-label={t("form.condition", { number: at + 1 })}>
      <Form.Item name={[at, "kind"]}>
        <Select aria-label={t("field.kind")} popupMatchSelectWidth={false} options={(choices("PredicateBody", "kind") as readonly Kind[]).map((value) => ({ value, label: t(`kind.${value}`) }))} />
      </Form.Item>
      <Form.Item name={[at, "field"]} rules={rules("PredicateBody", "field")}>
        <Input className="mono" aria-label={t("field.field")} placeholder="params.device" />
      </Form.Item>
      <div><Argument at={at} kind={kind} type={draft?.type ?? "text"} /></div>
      {remove ? <Button type="text" icon={<DeleteOutlined />} aria-label={t("form.removeCondition", { number: at + 1 })} onClick={remove} /> : <span />}
      {draft && takesCase(draft) && (
        <Form.Item name={[at, "ignoreCase"]} valuePropName="checked" style={{ gridColumn: "1 / -1" }}><Checkbox>{t("form.ignoreCase")}</Checkbox></Form.Item>
      )}
    </div>
  );
}

/** The fields for what a condition compares with: each kind has its own. */
function Argument({ at, kind, type }: { readonly at: number; readonly kind: Kind; readonly type: ValueType }) {
  const { t } = useTranslation("firewall");
  const required = [{ required: true, message: t("form.required") }];
  if (kind === "range") {
    return (
      <Space.Compact block>
        <Form.Item name={[at, "low"]} noStyle><InputNumber style={{ width: "50%" }} aria-label={t("form.low")} placeholder={t("form.low")} /></Form.Item>
        <Form.Item name={[at, "high"]} noStyle><InputNumber style={{ width: "50%" }} aria-label={t("form.high")} placeholder={t("form.high")} /></Form.Item>
      </Space.Compact>
    );
  }
  if (kind === "version" || kind === "regex") {
    return <Form.Item name={[at, "value"]} rules={required}><Input className="mono" aria-label={t("field.value")} placeholder={kind === "version" ? ">=17,<17.2" : "^iPhone 1[45]$"} /></Form.Item>;
  }
  return (
    <Space.Compact block>
      <Form.Item name={[at, "type"]} noStyle>
        <Select aria-label={t("field.type")} style={{ width: 112 }} popupMatchSelectWidth={false} options={TYPES.map((value) => ({ value, label: t(`type.${value}`) }))} />
      </Form.Item>
      {kind === "one_of" ? (
        <Form.Item name={[at, "values"]} rules={required} style={{ flex: 1 }}><Input.TextArea rows={3} className="mono" aria-label={t("field.values")} placeholder={t("form.oneALine")} /></Form.Item>
      ) : type === "boolean" ? (
        <Form.Item name={[at, "value"]} rules={required} style={{ flex: 1 }}><Select aria-label={t("field.value")} options={["true", "false"].map((value) => ({ value }))} /></Form.Item>
      ) : type !== "null" && (
        <Form.Item name={[at, "value"]} style={{ flex: 1 }}><Input className="mono" aria-label={t("field.value")} /></Form.Item>
      )}
    </Space.Compact>
  );
}
