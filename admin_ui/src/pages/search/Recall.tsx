import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { count, MISSING, share } from "../../format";
import styles from "./Lists.module.css";
import type { Completed } from "./searches";
import { recallKinds, type RecallKind } from "./summary";

/** How much searches with an index find of what is there, as far as it was measured. */
export function Recall({ completed }: { readonly completed: readonly Completed[] }) {
  const { t } = useTranslation("search");
  const kinds = useMemo(() => recallKinds(completed), [completed]);
  return (
    <Panel title={t("recall.title")} note={t("recall.note")} flush>
      {kinds.length ? <ul className={styles["list"]}>{kinds.map((kind) => <Kind key={kind.key} kind={kind} />)}</ul> : <Nothing height={120}>{t("recall.none")}</Nothing>}
    </Panel>
  );
}

function Kind({ kind }: { readonly kind: RecallKind }) {
  const { t } = useTranslation("search");
  const { recall, low, high, samples, at } = kind;
  const measured = recall !== null;
  return (
    <li>
      <div className={styles["head"]}>
        <span className={styles["name"]}>{kind.collection ?? MISSING}</span>
        <span className={styles["value"]}>{share(recall)}</span>
      </div>
      {measured && low !== null && high !== null && <Interval recall={recall} low={low} high={high} />}
      <div className={styles["notes"]}>
        <span>ef_search {count(kind.ef)} · top_k {count(kind.topK)}</span>
        <span>{measured ? t("recall.interval", { low: share(low), high: share(high) }) : t("recall.unmeasured")}</span>
        {samples !== null && <span>{t("recall.samples", { count: samples })}</span>}
        <span>{at === null ? t("of", { count: kind.searches }) : <When at={at} />}</span>
      </div>
    </li>
  );
}

/** The estimate and its interval, from 0 to 100 %. */
function Interval({ recall, low, high }: { readonly recall: number; readonly low: number; readonly high: number }) {
  return (
    <div className={styles["interval"]} aria-hidden="true">
      <span className={styles["band"]} style={{ left: `${100 * low}%`, width: `${Math.max(0.5, 100 * (high - low))}%` }} />
      <span className={styles["point"]} style={{ left: `${100 * recall}%` }} />
    </div>
  );
}
