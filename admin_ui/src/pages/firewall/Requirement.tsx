import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useAnswer } from "../../hub/api";
import type { Pair } from "./ruleValues";
import styles from "./Requirement.module.css";
import { useSchemas } from "./useSchemas";

/** Which resource, once it has what the call wants, makes the rule pointless. */
export function Requirement() {
  const { t } = useTranslation("firewall");
  const { rules } = useSchemas();
  const resource = Form.useWatch<string | undefined>("resource");
  const known = useAnswer("/api/firewall/environment").data?.resources ?? [];
  const required = [{ required: true, whitespace: true, message: t("form.required") }];
  return (
    <>
      <Form.Item name="resource" label={t("field.requirement")} extra={t("form.requirement")} rules={rules("RequirementBody", "resource", true)}>
        <AutoComplete allowClear options={known.map(({ name }) => ({ value: name }))} placeholder="ios_simulators" />
      </Form.Item>
      {resource?.trim() && (
        <Form.List name="fields" rules={[{ validator: (_, pairs?: readonly Pair[]) => (pairs?.length ? Promise.resolve() : Promise.reject(new Error(t("form.noPairs")))) }]}>
          {(fields, { add, remove }, { errors }) => (
            <Form.Item>
              {fields.map(({ key, name }) => (
                <div key={key} className={styles["pair"]}>
                  <Form.Item name={[name, "item"]} rules={required} noStyle><Input className="mono" aria-label={t("form.itemField")} placeholder={t("form.itemField")} /></Form.Item>
                  <span>=</span>
                  <Form.Item name={[name, "call"]} rules={required} noStyle><Input className="mono" aria-label={t("form.callField")} placeholder="params.device" /></Form.Item>
                  <Button type="text" icon={<DeleteOutlined />} aria-label={t("form.removePair")} onClick={() => remove(name)} />
                </div>
              ))}
              <Button icon={<PlusOutlined />} onClick={() => add({ item: "", call: "" } satisfies Pair)}>{t("form.addPair")}</Button>
              <Form.ErrorList errors={errors} />
            </Form.Item>
          )}
        </Form.List>
      )}
    </>
  );
}
