import { ArrowLeftOutlined } from "@ant-design/icons";
import { Alert } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Json } from "../../components/Json";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count } from "../../format";
import { type Schema, useAnswer } from "../../hub/api";
import { Confidence } from "./Confidence";
import { Evidence } from "./Evidence";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { Life } from "./Life";
import { OutcomeModal } from "./OutcomeModal";
import { Outcomes } from "./Outcomes";
import { OverrideModal } from "./OverrideModal";
import { RecordActions, type RecordAction } from "./RecordActions";
import { StepModal } from "./StepModal";
import { SolutionView } from "./VerdictView";
import { VerdictTable } from "./VerdictTable";

/** One recorded error: what happened, what is known about it, what it led to, and what can be done. */
export function RecordPage() {
  const { t } = useTranslation("firewall");
  const { id = "" } = useParams();
  const answer = useAnswer("/api/firewall/records/{record}", { params: { record: id } }, { every: 5_000 });
  // What is there while another record is read is the last one's.
  const data = answer.data?.record.id === id ? answer.data : undefined;
  return (
    <div className={styles["stack"]}>
      <Link to="/firewall/records"><ArrowLeftOutlined /> {t("records.back")}</Link>
      {answer.error?.code === "not_found" ? <Panel><Nothing title={t("records.gone")}>{answer.error.message}</Nothing></Panel> : (
        data ? <Details key={id} {...data} /> : <Panel><Loaded answer={{ ...answer, data: undefined }} rows={8}>{() => null}</Loaded></Panel>
      )}
    </div>
  );
}

function Details({ record, verdicts, outcomes, partial }: Schema<"ErrorRecordDetails">) {
  const { t } = useTranslation("firewall");
  const [action, setAction] = useState<RecordAction>();
  const close = () => setAction(undefined);
  return (
    <>
      <Panel title={<span className="mono">{record.id}</span>} actions={<RecordActions record={record} choose={setAction} />}>
        <div className={styles["stack"]}>
          <Life status={record.status} />
          <p className={styles["why"]}><strong>{record.error_type}</strong>{record.message && ": "}<span className={styles["text"]}>{record.message}</span></p>
        </div>
      </Panel>
      <div className={styles["two"]}>
        <div className={styles["stack"]}>
          <What record={record} />
          <Panel flush title={t("records.verdicts")} note={t("records.newest", { count: verdicts.length })}>
            {partial && <Alert type="warning" banner message={t("records.partial")} />}
            <VerdictTable verdicts={verdicts} brief />
          </Panel>
        </div>
        <div className={styles["stack"]}>
          <Panel title={t("field.solution")}>{record.solution ? <SolutionView solution={record.solution} /> : <span className="soft">{t("records.noSolution")}</span>}</Panel>
          <Panel title={t("field.confidence")}>
            <div className={styles["stack"]}>
              <Confidence of={record.confidence} />
              <Evidence of={record.evidence} />
            </div>
          </Panel>
          <Changed entry={record} />
          <Panel title={t("records.outcomes")} note={t("records.newest", { count: outcomes.length })}><Outcomes outcomes={outcomes} /></Panel>
        </div>
      </div>
      {action === "outcome" ? <OutcomeModal record={record.id} close={close} />
        : action === "override" ? <OverrideModal call={record} close={close} />
        : action && <StepModal entry={record} step={action} close={close} />}
    </>
  );
}

const holds = (value: object): boolean => Object.keys(value).length > 0;

function What({ record }: { readonly record: Schema<"ErrorRecord"> }) {
  const { t } = useTranslation("firewall");
  return (
    <Panel title={t("records.what")}>
      <Facts
        items={[
          [t("field.operation"), <span key="operation" className="mono">{record.operation}</span>],
          [t("field.params"), holds(record.params) && <Json value={record.params} />],
          [t("field.context"), holds(record.context) && <Json value={record.context} />],
          [t("field.frames"), record.frames.length > 0 && <ol className={styles["frames"]}>{record.frames.map((frame, at) => <li key={at}>{frame}</li>)}</ol>],
          [t("field.occurrences"), count(record.occurrences)],
          [t("field.firstSeen"), <When key="first" at={record.first_seen} />],
          [t("field.lastSeen"), <When key="last" at={record.last_seen} />],
          [t("field.fingerprint"), <span key="fingerprint" className="mono">{record.fingerprint}</span>],
          [t("field.family"), <span key="family" className="mono">{record.family}</span>],
        ]}
      />
    </Panel>
  );
}

/** Who changed a record last and why, and what bounds it. */
function Changed({ entry }: { readonly entry: Schema<"ErrorRecord"> }) {
  const { t } = useTranslation("firewall");
  const { requirement } = entry;
  return (
    <Panel title={t("records.changed")}>
      <Facts
        items={[
          [t("field.changedBy"), entry.changed_by ?? <span className="soft">{t("records.nobody")}</span>],
          [t("field.reason"), entry.reason],
          [t("field.updated"), <When key="updated" at={entry.updated_at} />],
          [t("field.created"), <When key="created" at={entry.created_at} />],
          [t("field.action"), t(`does.${entry.action}`)],
          [t("field.expires"), entry.expires_at && <When at={entry.expires_at} />],
          [t("field.failMode"), entry.fail_mode && t(`failMode.${entry.fail_mode}`)],
          [t("field.requirement"), requirement && `${requirement.resource}: ${Object.entries(requirement.fields).map(([item, call]) => `${item} = ${call}`).join(", ")}`],
          [t("field.version"), count(entry.version)],
        ]}
      />
    </Panel>
  );
}
