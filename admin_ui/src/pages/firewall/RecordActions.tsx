import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Schema } from "../../hub/api";
import { ForOperators } from "./ForOperators";
import type { Step } from "./steps";

export type RecordAction = Step | "outcome" | "override";

/** What can be done with a record in its state. */
export function RecordActions({ record, choose }: { readonly record: Schema<"ErrorRecord">; choose(action: RecordAction): void }) {
  const { t } = useTranslation("firewall");
  const navigate = useNavigate();
  const { status, operation, params, context } = record;
  const step = (action: Step, kind: "default" | "primary" = "default") => (
    <ForOperators key={action}>{(disabled) => <Button type={kind} danger={action === "retire"} disabled={disabled} onClick={() => choose(action)}>{t(`action.${action}`)}</Button>}</ForOperators>
  );
  return (
    <>
      {status !== "confirmed" && step("confirm", "primary")}
      {status === "observed" && step("suggest")}
      {step("solution")}
      <Button onClick={() => choose("outcome")}>{t("action.outcome")}</Button>
      <Button onClick={() => void navigate("/firewall/check", { state: { operation, params, context } })}>{t("action.check")}</Button>
      {status === "confirmed" && record.action === "block" && <Button onClick={() => choose("override")}>{t("action.override")}</Button>}
      {status !== "retired" && step("retire")}
    </>
  );
}
