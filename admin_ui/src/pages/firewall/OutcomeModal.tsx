import { Form, Input, Modal, Radio, Space } from "antd";
import { useTranslation } from "react-i18next";
import { Refused } from "../../components/Refused";
import { type Schema, useAction } from "../../hub/api";
import styles from "./Firewall.module.css";
import { useSchemas } from "./useSchemas";

type Values = Schema<"OutcomeBody">;
type Kind = Values["kind"];

const STALE = ["/api/firewall/records", "/api/firewall/records/{record}", "/api/firewall/stats"] as const;

/** Says what came of a block, a warning or a solution: confidence is made of it. */
export function OutcomeModal({ record, close }: { readonly record: string; close(): void }) {
  const { t } = useTranslation("firewall");
  const { rules, choices } = useSchemas();
  const [form] = Form.useForm<Values>();
  const report = useAction(
    (api, { kind, reason, check_id: check }: Values) =>
      api.post("/api/firewall/records/{record}/outcomes", {
        params: { record },
        body: { kind, ...(reason?.trim() && { reason: reason.trim() }), ...(check?.trim() && { check_id: check.trim() }) },
      }),
    { stale: STALE, quiet: true, done: t("done.outcome") },
  );
  return (
    <Modal open title={t("report.title")} okText={t("action.report")} confirmLoading={report.isPending} onOk={form.submit} onCancel={close}>
      <div className={styles["stack"]}>
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values: Values) => report.mutate(values, { onSuccess: close })}>
          <Form.Item name="kind" label={t("report.what")} rules={rules("OutcomeBody", "kind")}>
            <Radio.Group>
              <Space direction="vertical">
                {(choices("OutcomeBody", "kind") as readonly Kind[]).map((kind) => (
                  <Radio key={kind} value={kind}>{t(`outcomeKind.${kind}`)} <span className="soft">{t(`report.about.${kind}`)}</span></Radio>
                ))}
              </Space>
            </Radio.Group>
          </Form.Item>
          <Form.Item name="reason" label={t("field.reason")} extra={t("form.reason")} rules={rules("OutcomeBody", "reason")}>
            <Input.TextArea rows={2} />
          </Form.Item>
          <Form.Item name="check_id" label={t("field.check")} extra={t("report.check")} rules={rules("OutcomeBody", "check_id")}>
            <Input className="mono" />
          </Form.Item>
        </Form>
        <Refused error={report.error} />
      </div>
    </Modal>
  );
}
