import { useTranslation } from "react-i18next";
import { count, measure } from "../../format";
import type { Schema } from "../../hub/api";
import styles from "./Confidence.module.css";

const place = (value: number): string => `${(value * 100).toFixed(1)}%`;

/** How sure it is: the mean, the interval around it, and the outcomes that it was made of. `brief`: without the words. */
export function Confidence({ of, brief = false }: { readonly of: Schema<"ErrorConfidence">; readonly brief?: boolean }) {
  const { t } = useTranslation("firewall");
  const known = of.successes + of.failures > 0;
  const said = t("confidence.counts", { successes: count(of.successes), failures: count(of.failures) });
  const interval = t("confidence.interval", { low: measure(of.low), high: measure(of.high) });
  return (
    <span className={styles["confidence"]} title={`${interval}; ${said}`}>
      <span className={styles["scale"]} aria-hidden="true">
        <span className={styles["interval"]} style={{ left: place(of.low), width: place(of.high - of.low) }} />
        <span className={styles["mean"]} style={{ left: place(of.value) }} />
      </span>
      <span className={styles["value"]}>{measure(of.value)}</span>
      {brief ? <span className="soft">{count(of.successes)} : {count(of.failures)}</span> : <span className="soft">{interval}; {known ? said : t("confidence.unknown")}</span>}
    </span>
  );
}
