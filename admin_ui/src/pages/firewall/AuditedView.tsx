import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Json } from "../../components/Json";
import { When } from "../../components/When";
import type { Schema } from "../../hub/api";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { OverrideModal } from "./OverrideModal";
import { VerdictView } from "./VerdictView";

const holds = (value: object): boolean => Object.keys(value).length > 0;

/** A verdict out of the books: who asked, with what, and what was answered. `bare`: without the verdict. */
export function AuditedView({ audited, bare = false }: { readonly audited: Schema<"AuditedVerdict">; readonly bare?: boolean }) {
  const { t } = useTranslation("firewall");
  const navigate = useNavigate();
  const [overriding, setOverriding] = useState(false);
  const { verdict, params, context } = audited;
  const call = { operation: verdict.operation, params, context };
  return (
    <div className={styles["verdict"]}>
      {!bare && <VerdictView verdict={verdict} />}
      <Facts
        items={[
          [t("field.params"), holds(params) && <Json value={params} />],
          [t("field.context"), holds(context) && <Json value={context} />],
          [t("field.actor"), audited.actor],
          [t("field.node"), audited.node && <span className="mono">{audited.node}</span>],
          [t("field.at"), !bare && <When at={audited.at} exact />],
        ]}
      />
      <div className={styles["buttons"]}>
        <Button onClick={() => void navigate("/firewall/check", { state: call })}>{t("action.checkAgain")}</Button>
        {verdict.decision === "block" && <Button danger onClick={() => setOverriding(true)}>{t("action.override")}</Button>}
      </div>
      {overriding && <OverrideModal call={call} close={() => setOverriding(false)} />}
    </div>
  );
}
