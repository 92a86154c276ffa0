import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, milliseconds } from "../../format";
import styles from "./Lists.module.css";
import type { Completed } from "./searches";
import { exactReasons } from "./summary";

/** Searches that compared every vector, by the reason: they miss nothing, and so have no recall. */
export function ExactSearches({ completed }: { readonly completed: readonly Completed[] }) {
  const { t } = useTranslation("search");
  const reasons = useMemo(() => exactReasons(completed), [completed]);
  return (
    <Panel title={t("exact.title")} note={t("exact.about")} flush>
      {reasons.length ? (
        <ul className={styles["list"]}>
          {reasons.map(({ reason, count: times, p50, at }) => (
            <li key={reason}>
              <div className={styles["head"]}>
                <span className={styles["name"]}>{reason}</span>
                <span className={styles["value"]}>{count(times)}</span>
              </div>
              <div className={styles["notes"]}><span>P50 {milliseconds(p50)}</span><When at={at} /></div>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing height={120}>{t("exact.none")}</Nothing>
      )}
    </Panel>
  );
}
