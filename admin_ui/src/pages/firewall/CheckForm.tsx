import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Refused } from "../../components/Refused";
import { useAction } from "../../hub/api";
import styles from "./Firewall.module.css";
import { JsonInput } from "./JsonInput";
import { objectIn, textOf } from "./json";
import { type CallBody, OverrideModal } from "./OverrideModal";
import { useSchemas } from "./useSchemas";
import { VerdictView } from "./VerdictView";

interface Values {
  readonly operation: string;
  readonly params?: string;
  readonly context?: string;
}

/** Asks the firewall whether an operation may run. It is a real check: it counts, and stands in the books. */
export function CheckForm() {
  const { t } = useTranslation("firewall");
  const { rules } = useSchemas();
  const given = useLocation().state as Partial<CallBody> | null;
  const [asked, setAsked] = useState<CallBody>();
  const [overriding, setOverriding] = useState(false);
  const check = useAction((api, body: CallBody) => api.post("/api/firewall/check", { body }), { stale: ["/api/firewall/stats", "/api/firewall/verdicts"], quiet: true });
  const ask = ({ operation, params = "", context = "" }: Values) => {
    const call = { operation: operation.trim(), params: objectIn(params) ?? {}, context: objectIn(context) ?? {} };
    setAsked(call);
    check.mutate(call);
  };
  return (
    <div className={styles["two"]}>
      <Panel title={t("check.title")}>
        <p className="soft" style={{ marginBottom: 16 }}>{t("check.about")}</p>
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={ask}
          initialValues={{ operation: given?.operation ?? "", params: textOf(given?.params), context: textOf(given?.context) }}
        >
          <Form.Item name="operation" label={t("field.operation")} rules={rules("CheckBody", "operation")}>
            <Input className="mono" placeholder="ios_build" autoComplete="off" spellCheck={false} data-search />
          </Form.Item>
          <JsonInput name="params" label={t("form.params")} rows={6} placeholder={'{"device": "iPhone 15", "os_version": "17.0"}'} />
          <JsonInput name="context" label={t("form.context")} rows={2} extra={t("check.context")} />
          <Button type="primary" htmlType="submit" loading={check.isPending}>{t("check.ask")}</Button>
        </Form>
      </Panel>
      <Panel title={t("check.answer")}>
        <div aria-live="polite" className={styles["stack"]}>
          <Refused error={check.error} />
          {check.data ? <VerdictView verdict={check.data} /> : !check.error && <Nothing>{t("check.none")}</Nothing>}
          {check.data?.decision === "block" && asked && (
            <div><Button danger onClick={() => setOverriding(true)}>{t("action.override")}</Button></div>
          )}
        </div>
      </Panel>
      {overriding && asked && <OverrideModal call={asked} close={() => setOverriding(false)} />}
    </div>
  );
}
