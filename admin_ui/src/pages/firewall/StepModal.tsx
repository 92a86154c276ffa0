import { Alert, Checkbox, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../components/Refused";
import { useAction } from "../../hub/api";
import styles from "./Firewall.module.css";
import { JsonInput } from "./JsonInput";
import { textOf } from "./json";
import { type Entry, send, type Step, type Values } from "./steps";
import { useSchemas } from "./useSchemas";

const STALE = ["/api/firewall/records", "/api/firewall/records/{record}", "/api/firewall/rules", "/api/firewall/stats"] as const;

interface StepModalProps {
  /** As it is now: when somebody else changes it meanwhile, the dialog says so. */
  readonly entry: Entry;
  readonly step: Step;
  close(): void;
}

/** Takes a record or a rule a step further, for a reason that is kept. */
export function StepModal({ entry, step, close }: StepModalProps) {
  const { t } = useTranslation("firewall");
  const { rules } = useSchemas();
  const [form] = Form.useForm<Values>();
  const [begun] = useState(entry.version);
  const act = useAction((api, values: Values) => send(api, entry, step, values), { stale: STALE, quiet: true, done: t(`done.${step}`) });
  const submit = (values: Values) => act.mutate(values, { onSuccess: close });
  return (
    <Modal
      open
      title={t(`step.${step}.title`, { id: entry.id })}
      okText={t(`action.${step}`)}
      okButtonProps={{ danger: step === "retire" }}
      confirmLoading={act.isPending}
      onOk={form.submit}
      onCancel={close}
    >
      <div className={styles["stack"]}>
        <p className="soft">{t(`step.${step}.about`)}</p>
        {entry.version !== begun && !act.isPending && (
          <Alert type="warning" showIcon message={t("refused.meanwhile", { by: entry.changed_by ?? t("somebody"), status: t(`status.${entry.status}`) })} />
        )}
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={submit}
          initialValues={{ solution: entry.solution?.text ?? "", params: textOf(entry.solution?.params), force: false }}
        >
          {step !== "retire" && (
            <>
              <Form.Item name="solution" label={t("field.solution")} extra={step === "solution" ? undefined : t("form.optional")} rules={rules("SolutionBody", "text", step !== "solution")}>
                <Input.TextArea rows={2} autoFocus />
              </Form.Item>
              <JsonInput name="params" label={t("field.solutionParams")} rows={3} extra={t("form.solutionParams")} />
            </>
          )}
          <Form.Item name="reason" label={t("field.reason")} extra={t("form.reason")} rules={rules("ChangeBody", "reason")}>
            <Input.TextArea rows={2} autoFocus={step === "retire"} />
          </Form.Item>
          {step === "confirm" && (
            <Form.Item name="force" valuePropName="checked" extra={t("form.force.about")}>
              <Checkbox>{t("form.force.label")}</Checkbox>
            </Form.Item>
          )}
        </Form>
        <Refused error={act.error} />
      </div>
    </Modal>
  );
}
