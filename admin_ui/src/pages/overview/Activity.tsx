import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Badge } from "../../components/Badge";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { When } from "../../components/When";
import styles from "./Activity.module.css";
import type { Happening } from "./happenings";
import { useHappenings } from "./useHappenings";
import { HOUR, type Pulse } from "./usePulse";

/** Lines at most; who wants more goes to the page that it is about. */
const MOST = 100;

const isTrouble = ({ tone }: Happening): boolean => tone === "bad" || tone === "warn";

/** What happened in the last hour, newest first. */
export function Activity({ pulse: { turned, now } }: { readonly pulse: Pulse }) {
  const { t } = useTranslation("overview");
  const [shown, show] = useAddress("activity", "all");
  const all = useHappenings(turned, now - HOUR);
  const lines = (shown === "troubles" ? all.filter(isTrouble) : all).slice(0, MOST);
  const options = (["all", "troubles"] as const).map((value) => ({ value, label: t(`activity.${value}`) }));
  return (
    <Panel
      title={t("activity.title")}
      note={t("activity.note")}
      actions={<Segmented size="small" options={options} value={shown} onChange={show} aria-label={t("activity.filter")} />}
      flush
    >
      {lines.length === 0 ? (
        <Nothing height={200}>{t(shown === "troubles" ? "activity.noTroubles" : "activity.nothing")}</Nothing>
      ) : (
        <ul className={styles["list"]} tabIndex={0} aria-label={t("activity.title")} data-testid="activity">
          {lines.map((happening) => <Line key={happening.id} happening={happening} />)}
        </ul>
      )}
    </Panel>
  );
}

function Line({ happening }: { readonly happening: Happening }) {
  const { t } = useTranslation("overview");
  const { kind, tone, values, page, at, times } = happening;
  const said = t(`event.${kind}`, values);
  return (
    <li>
      <span className="soft"><When at={at} exact /></span>
      <Badge tone={tone}>{t(`event.kind.${kind}`)}</Badge>
      <span className={styles["said"]}>
        {page ? <Link to={`/${page}`}>{said}</Link> : said}
        {times > 1 && <span className="soft"> ×{times}</span>}
      </span>
    </li>
  );
}
