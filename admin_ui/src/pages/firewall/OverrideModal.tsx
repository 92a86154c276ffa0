import { Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { Json } from "../../components/Json";
import { Refused } from "../../components/Refused";
import { type Schema, useAction } from "../../hub/api";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { useSchemas } from "./useSchemas";
import { VerdictView } from "./VerdictView";

export type CallBody = Schema<"CheckBody">;

const STALE = ["/api/firewall/stats", "/api/firewall/verdicts", "/api/firewall/records/{record}"] as const;

/** Lets one blocked call run, for a reason that is kept and published. */
export function OverrideModal({ call, close }: { readonly call: CallBody; close(): void }) {
  const { t } = useTranslation("firewall");
  const common = useTranslation().t;
  const { rules } = useSchemas();
  const [form] = Form.useForm<{ reason: string }>();
  const override = useAction((api, { reason }: { reason: string }) => api.post("/api/firewall/override", { body: { ...call, reason: reason.trim() } }), { stale: STALE, quiet: true });
  return (
    <Modal
      open
      title={t("override.title", { operation: call.operation })}
      okText={t("action.override")}
      okButtonProps={{ danger: true, style: { display: override.isSuccess ? "none" : undefined } }}
      cancelText={common(override.isSuccess ? "action.close" : "action.cancel")}
      confirmLoading={override.isPending}
      onOk={form.submit}
      onCancel={close}
    >
      <div className={styles["stack"]}>
        <p className="soft">{t("override.about")}</p>
        <Facts items={[[t("field.params"), call.params && Object.keys(call.params).length > 0 && <Json value={call.params} />]]} />
        <Refused error={override.error} />
        {override.data ? (
          <VerdictView verdict={override.data} />
        ) : (
          <Form form={form} layout="vertical" onFinish={(values: { reason: string }) => override.mutate(values)} requiredMark={false}>
            <Form.Item name="reason" label={t("field.reason")} rules={rules("OverrideBody", "reason")}>
              <Input.TextArea rows={2} autoFocus />
            </Form.Item>
          </Form>
        )}
      </div>
    </Modal>
  );
}
