import { useTranslation } from "react-i18next";
import { CopyButton } from "../../components/CopyButton";
import { Json } from "../../components/Json";
import { measure, milliseconds } from "../../format";
import type { Schema } from "../../hub/api";
import { Confidence } from "./Confidence";
import { EntryLink } from "./EntryLink";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { Flags } from "./Flags";
import { DecisionBadge } from "./words";

/** What a check answered: the decision, why, and what to do instead. */
export function VerdictView({ verdict }: { readonly verdict: Schema<"FirewallVerdict"> }) {
  const { t } = useTranslation("firewall");
  const { match, solution, confidence } = verdict;
  return (
    <div className={styles["verdict"]} data-testid="verdict" data-decision={verdict.decision}>
      <div className={styles["buttons"]}>
        <DecisionBadge decision={verdict.decision} />
        <Flags degraded={verdict.degraded} wouldBlock={verdict.would_block} overridden={verdict.overridden} />
        <span className="mono cut">{verdict.operation}</span>
      </div>
      <p className={styles["why"]}>{verdict.why}</p>
      <Facts
        items={[
          [t("field.solution"), solution && <SolutionView solution={solution} />],
          [t("field.match"), match && `${t(`match.${match.kind}`)}, ${t("match.score", { score: measure(match.score) })}`],
          [t("field.errorType"), match?.error_type],
          [t("field.entry"), match && <EntryLink id={match.entry_id} rule={verdict.rule_id !== undefined} />],
          [t("field.confidence"), confidence && <Confidence of={confidence} />],
          [t("field.ms"), milliseconds(verdict.ms)],
          [t("field.check"), <CheckId key="check" id={verdict.check_id} />],
        ]}
      />
    </div>
  );
}

/** What to do instead, for people and for programs. */
export function SolutionView({ solution }: { readonly solution: Schema<"ErrorSolution"> }) {
  return (
    <>
      <div className={styles["text"]}>{solution.text}</div>
      {Object.keys(solution.params).length > 0 && <Json value={solution.params} />}
    </>
  );
}

export function CheckId({ id }: { readonly id: string }) {
  return <span className="mono">{id} <CopyButton text={id} /></span>;
}
