import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, MISSING, percent } from "../../format";
import styles from "./Lists.module.css";
import type { UnderWay as Search } from "./searches";

/** Searches that are shown at once. */
const SHOWN = 20;

/** Searches that began and haven't ended. Fast ones are over before anybody could read them here. */
export function UnderWay({ searches }: { readonly searches: readonly Search[] }) {
  const { t } = useTranslation("search");
  const shown = searches.slice(0, SHOWN);
  return (
    <Panel title={t("underWay.title")} note={searches.length > SHOWN ? t("underWay.more", { shown: count(SHOWN), of: count(searches.length) }) : count(searches.length)} flush>
      {shown.length ? (
        <ul className={styles["list"]}>
          {shown.map(({ id, since, progress, stage, collection }) => (
            <li key={id}>
              <div className={styles["head"]}>
                <span className={styles["name"]}>{stage ? t(`stage.${stage}`) : MISSING}{collection ? ` · ${collection}` : ""}</span>
                <span className={styles["value"]}>{percent(progress)}</span>
              </div>
              <Progress percent={progress ?? 0} showInfo={false} size="small" aria-label={id} />
              <div className={styles["notes"]}><span className="mono">{id}</span><When at={since} /></div>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing height={120}>{t("underWay.none")}</Nothing>
      )}
    </Panel>
  );
}
