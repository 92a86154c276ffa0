import { Button, Collapse, Form, Input, InputNumber, Select, Slider, Switch } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HubError } from "tocsin-client";
import { Refused } from "../../components/Refused";
import { faultsOf } from "../../hub/faults";
import { useMine } from "../../hub/member";
import type { AgentConfig } from "../../hub/my";
import styles from "./Agents.module.css";
import { FIELDS, isName, NEW, type Entered } from "./form";

interface AgentFormProps {
  readonly initial?: Entered;
  readonly action: string;
  readonly waits: boolean;
  readonly error: HubError | null;
  readonly submit: (entered: Entered) => void;
}

/** How an agent is called and answers. What the hub refuses stands at its field. */
export function AgentForm({ initial = NEW, action, waits, error, submit }: AgentFormProps) {
  const { t } = useTranslation("agents");
  const [form] = Form.useForm<Entered>();
  const models = useMine("/my/models").data;
  const [touched, setTouched] = useState(false);
  const faults = useMemo(() => (touched ? {} : error?.code === "conflict" && error.reply?.["version"] === undefined ? { name: error.message } : faultsOf(error, FIELDS)), [error, touched]);
  useEffect(() => setTouched(false), [error]);
  useEffect(() => {
    if (!form.isFieldsTouched()) form.setFieldsValue(initial);
  }, [form, initial]);
  const named = Object.keys(faults).filter(Boolean);
  const field = (name: string) => {
    const fault = (faults as Record<string, string>)[name];
    return { label: t(`field.${name.replace("config.", "") as keyof AgentConfig}`), name: name.split("."), ...(fault && { validateStatus: "error" as const, help: fault }) };
  };
  const names = (models?.items ?? []).map(({ name, offline }) => ({ value: name, label: offline ? t("field.offline", { name }) : name }));
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={initial} onValuesChange={() => setTouched(true)} onFinish={(values) => submit({ name: values.name.trim(), config: { ...initial.config, ...values.config } })} scrollToFirstError>
      <div className={styles["columns"]}>
        <div>
          <Form.Item {...field("name")} extra={t("field.nameAbout")} rules={[{ validator: (_, value: string) => (isName(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("field.nameWrong")))) }]} validateTrigger="onBlur">
            <Input autoComplete="off" spellCheck={false} maxLength={64} prefix={<span className="soft" aria-hidden>@</span>} />
          </Form.Item>
          <Form.Item {...field("config.description")} extra={t("field.descriptionAbout")}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item {...field("config.instructions")} extra={t("field.instructionsAbout")}>
            <Input.TextArea autoSize={{ minRows: 6, maxRows: 22 }} maxLength={32_000} />
          </Form.Item>
        </div>
        <div>
          <Form.Item {...field("config.model")}>
            <Select showSearch options={[{ value: "", label: models?.default ? t("field.default", { name: models.default }) : t("field.usual") }, ...names]} />
          </Form.Item>
          <Form.Item {...field("config.fallback_models")} extra={t("field.fallbackAbout")}>
            <Select mode="multiple" maxCount={5} options={names} placeholder={t("field.none")} />
          </Form.Item>
          <Form.Item {...field("config.memory")} valuePropName="checked" extra={t("field.memoryAbout")}>
            <Switch />
          </Form.Item>
          <Form.Item noStyle shouldUpdate={(one: Entered, other: Entered) => one.config?.memory !== other.config?.memory}>
            {({ getFieldValue }) => (
              <Form.Item {...field("config.recall")} extra={t("field.recallAbout")}>
                <Recall disabled={getFieldValue(["config", "memory"]) === false} label={t("field.recall")} />
              </Form.Item>
            )}
          </Form.Item>
          <Collapse
            ghost
            className={styles["more"] ?? ""}
            items={[{
              key: "more",
              forceRender: true,
              label: t("form.more"),
              children: (
                <div className={styles["pair"]}>
                  <Form.Item {...field("config.temperature")} extra={t("field.temperatureAbout")}><InputNumber min={0} max={2} step={0.1} placeholder={t("field.byModel")} style={{ width: "100%" }} /></Form.Item>
                  <Form.Item {...field("config.max_tokens")} extra={t("field.max_tokensAbout")}><InputNumber min={1} max={1_000_000} precision={0} placeholder={t("field.byModel")} style={{ width: "100%" }} /></Form.Item>
                  <Form.Item {...field("config.history_messages")}><InputNumber min={0} max={200} precision={0} style={{ width: "100%" }} /></Form.Item>
                  <Form.Item {...field("config.history_tokens")}><InputNumber min={0} max={1_000_000} precision={0} style={{ width: "100%" }} /></Form.Item>
                </div>
              ),
            }]}
          />
        </div>
      </div>
      {!named.length && !touched && <Refused error={error} />}
      <div className={styles["save"]}><Button type="primary" htmlType="submit" loading={waits}>{action}</Button></div>
    </Form>
  );
}

interface RecallProps {
  readonly value?: number;
  readonly onChange?: (value: number) => void;
  readonly disabled: boolean;
  readonly label: string;
}

/** A number of memories, to be pulled, with the number beside it. */
function Recall({ value = 0, onChange, disabled, label }: RecallProps) {
  return (
    <div className={styles["recall"]}>
      <Slider min={0} max={50} value={value} disabled={disabled} ariaLabelForHandle={label} {...(onChange && { onChange })} />
      <output className="numbers">{value}</output>
    </div>
  );
}
