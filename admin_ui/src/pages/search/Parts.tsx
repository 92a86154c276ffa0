import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { milliseconds, share } from "../../format";
import styles from "./Lists.module.css";
import type { Completed } from "./searches";
import { partsOf } from "./summary";

/** Where the time of searches goes. */
export function Parts({ completed }: { readonly completed: readonly Completed[] }) {
  const { t } = useTranslation("search");
  const parts = useMemo(() => partsOf(completed), [completed]);
  return (
    <Panel title={t("parts.title")} note={t("parts.note")} flush>
      {parts.some((part) => part.count > 0) ? (
        <ul className={styles["list"]}>
          {parts.map(({ stage, count, mean, p95, share: part }) => (
            <li key={stage}>
              <div className={styles["head"]}>
                <span className={styles["name"]}>{t(`stage.${stage}`)}</span>
                <span className={styles["value"]}>{milliseconds(mean)}</span>
              </div>
              <div className={styles["bar"]} aria-hidden="true"><span data-stage={stage} style={{ width: `${100 * Math.min(1, (count ? part : 0) ?? 0)}%` }} /></div>
              <div className={styles["notes"]}>
                {count ? (
                  <>
                    <span>{t("parts.share", { share: share(part) })}</span>
                    <span>P95 {milliseconds(p95)}</span>
                    <span>{t("of", { count })}</span>
                  </>
                ) : (
                  <span>{t("parts.without")}</span>
                )}
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing height={120}>{t("parts.none")}</Nothing>
      )}
    </Panel>
  );
}
