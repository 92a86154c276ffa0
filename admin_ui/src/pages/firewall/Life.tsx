import { useTranslation } from "react-i18next";
import styles from "./Life.module.css";
import { STATUSES, type Status } from "./words";

/** How far a record or rule is: observed, suggested, confirmed, retired. */
export function Life({ status }: { readonly status: Status }) {
  const { t } = useTranslation("firewall");
  const reached = STATUSES.indexOf(status);
  return (
    <ol className={styles["life"]} aria-label={t("life.label")}>
      {STATUSES.map((step, at) => (
        <li key={step} data-state={at === reached ? "now" : at < reached ? "past" : "ahead"} {...(at === reached && { "aria-current": "step" as const })}>
          <span className={styles["name"]}>{t(`status.${step}`)}</span>
          <span className={styles["about"]}>{t(`life.${step}`)}</span>
        </li>
      ))}
    </ol>
  );
}
