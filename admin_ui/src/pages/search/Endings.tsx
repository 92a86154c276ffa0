import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, MISSING } from "../../format";
import styles from "./Lists.module.css";
import type { Unfinished } from "./searches";
import { endingsOf } from "./summary";

/** Searches that gave nothing, by where and why. */
export function Endings({ unfinished }: { readonly unfinished: readonly Unfinished[] }) {
  const { t } = useTranslation("search");
  const endings = useMemo(() => endingsOf(unfinished), [unfinished]);
  return (
    <Panel title={t("endings.title")} note={count(unfinished.length)} flush>
      {endings.length ? (
        <ul className={styles["list"]}>
          {endings.map(({ key, cancelled, stage, reason, count: times, at }) => (
            <li key={key}>
              <div className={styles["head"]}>
                <span className={styles["text"]}>{reason ?? MISSING}</span>
                <span className={styles["value"]}>{count(times)}</span>
              </div>
              <div className={styles["notes"]}>
                <Badge tone={cancelled ? "plain" : "bad"}>{t(cancelled ? "endings.cancelled" : "endings.failed")}</Badge>
                <span>{stage ? t("endings.stage", { stage: t(`stage.${stage}`) }) : MISSING}</span>
                <When at={at} />
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing height={120}>{t("endings.none")}</Nothing>
      )}
    </Panel>
  );
}
