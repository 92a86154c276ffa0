import { useTranslation } from "react-i18next";
import { When } from "../../components/When";
import type { Schema } from "../../hub/api";
import styles from "./Outcomes.module.css";

/** What came of it, the newest first. */
export function Outcomes({ outcomes }: { readonly outcomes: readonly Schema<"ErrorOutcome">[] }) {
  const { t } = useTranslation("firewall");
  if (!outcomes.length) return <span className="soft">{t("records.noOutcomes")}</span>;
  return (
    <ul className={styles["outcomes"]}>
      {outcomes.map(({ at, kind, actor, reason }, index) => (
        <li key={`${at} ${index}`}>
          <span className={styles["head"]}><strong>{t(`outcomeKind.${kind}`)}</strong> {actor && <span className="soft">{actor}</span>} <span className="soft"><When at={at} /></span></span>
          {reason && <span className="soft">{reason}</span>}
        </li>
      ))}
    </ul>
  );
}
