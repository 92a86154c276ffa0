import { Button, Drawer, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../components/CopyButton";
import { Nothing } from "../../components/Nothing";
import { Refused } from "../../components/Refused";
import { When } from "../../components/When";
import { type Schema, useAction } from "../../hub/api";
import { inWords } from "./conditions";
import { Confidence } from "./Confidence";
import { EntryLink } from "./EntryLink";
import { Evidence } from "./Evidence";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { ForOperators } from "./ForOperators";
import { Life } from "./Life";
import { StepModal } from "./StepModal";
import { SolutionView } from "./VerdictView";

type Rule = Schema<"ErrorRule">;

interface RuleDrawerProps {
  readonly rule: Rule | undefined;
  /** One was asked for that isn't there. */
  readonly missing: boolean;
  close(): void;
  edit(rule: Rule): void;
}

/** One rule: its conditions, what it says, what is known of it, and what can be done. */
export function RuleDrawer({ rule, missing, close, edit }: RuleDrawerProps) {
  const { t } = useTranslation("firewall");
  return (
    <Drawer open={rule !== undefined || missing} onClose={close} width={660} title={rule ? rule.title || rule.id : t("rules.gone")} destroyOnHidden>
      {rule ? <Details key={rule.id} rule={rule} close={close} edit={edit} /> : <Nothing>{t("rules.goneAbout")}</Nothing>}
    </Drawer>
  );
}

function Details({ rule, close, edit }: { readonly rule: Rule; close(): void; edit(rule: Rule): void }) {
  const { t } = useTranslation("firewall");
  const [step, setStep] = useState<"confirm" | "retire">();
  const drop = useAction((api, id: string) => api.delete("/api/firewall/rules/{rule}", { params: { rule: id } }), {
    stale: ["/api/firewall/rules", "/api/firewall/stats"],
    done: t("done.drop"),
    quiet: true,
  });
  const { requirement } = rule;
  return (
    <div className={styles["stack"]}>
      <Life status={rule.status} />
      <div className={styles["buttons"]}>
        <ForOperators>
          {(disabled) => (
            <span className={styles["buttons"]}>
              {rule.status !== "confirmed" && <Button type="primary" disabled={disabled} onClick={() => setStep("confirm")}>{t("action.confirm")}</Button>}
              <Button disabled={disabled} onClick={() => edit(rule)}>{t("action.edit")}</Button>
              {rule.status !== "retired" && <Button danger disabled={disabled} onClick={() => setStep("retire")}>{t("action.retire")}</Button>}
              <Popconfirm
                title={t("rules.drop.title", { name: rule.title || rule.id })}
                description={t("rules.drop.about")}
                okText={t("action.drop")}
                okButtonProps={{ danger: true }}
                onConfirm={() => drop.mutate(rule.id, { onSuccess: close })}
              >
                <Button danger type="text" disabled={disabled} loading={drop.isPending}>{t("action.drop")}</Button>
              </Popconfirm>
            </span>
          )}
        </ForOperators>
      </div>
      <Refused error={drop.error} />
      <Facts
        items={[
          [t("field.id"), <span key="id" className="mono">{rule.id} <CopyButton text={rule.id} /></span>],
          [t("field.operation"), <span key="operation" className="mono">{rule.operation}</span>],
          [t("field.conditions"), <ul key="conditions" className={styles["conditions"]}>{rule.predicates.map((predicate, at) => <li key={at}>{inWords(predicate, t)}</li>)}</ul>],
          [t("field.action"), t(`does.${rule.action}`)],
          [t("field.errorType"), rule.error_type],
          [t("field.solution"), rule.solution && <SolutionView solution={rule.solution} />],
          [t("field.confidence"), <Confidence key="confidence" of={rule.confidence} />],
          [t("field.evidence"), <Evidence key="evidence" of={rule.evidence} />],
          [t("field.records"), rule.record_ids.length > 0 && rule.record_ids.map((id) => <div key={id}><EntryLink id={id} /></div>)],
          [t("field.requirement"), requirement && `${requirement.resource}: ${Object.entries(requirement.fields).map(([item, call]) => `${item} = ${call}`).join(", ")}`],
          [t("field.failMode"), rule.fail_mode && t(`failMode.${rule.fail_mode}`)],
          [t("field.expires"), rule.expires_at && <When at={rule.expires_at} />],
          [t("field.changedBy"), rule.changed_by],
          [t("field.reason"), rule.reason],
          [t("field.updated"), <When key="updated" at={rule.updated_at} />],
          [t("field.created"), <When key="created" at={rule.created_at} />],
        ]}
      />
      {step && <StepModal entry={rule} step={step} close={() => setStep(undefined)} />}
    </div>
  );
}
