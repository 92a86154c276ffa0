import { CheckCircleFilled, CloseCircleFilled, LoadingOutlined, WarningFilled } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Badge } from "../../components/Badge";
import { When } from "../../components/When";
import { seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useFeed } from "../../hub/live";
import { useSession, type Link as HubLink } from "../../hub/session";
import type { PageName } from "../../pages";
import styles from "./State.module.css";
import type { Pulse } from "./usePulse";
import { verdictOf, type Trouble, type Verdict } from "./verdict";

const ICONS: Readonly<Record<Verdict["state"], ReactNode>> = {
  well: <CheckCircleFilled />,
  warn: <WarningFilled />,
  bad: <CloseCircleFilled />,
  unknown: <LoadingOutlined />,
};

/** Troubles that are shown; the rest is a number. */
const MOST = 5;
const ALERTS = ["alert"] as const;

/** Whether all is well, what isn't, since when: to be read from across the room. */
export function State({ pulse }: { readonly pulse: Pulse }) {
  const { t } = useTranslation("overview");
  const { link } = useSession();
  const linkSince = useSince(link.state);
  const alerts = useAlerts();
  const { processes, now } = pulse;
  const { state, troubles, since } = useMemo(
    () => verdictOf({ link: link.state, linkSince, linkReason: link.reason, processes, alerts }),
    [link.state, link.reason, linkSince, processes, alerts],
  );
  return (
    <section className={styles["state"]} data-state={state} data-testid="state" aria-label={t("state.label")}>
      <div className={styles["head"]}>
        <span className={styles["icon"]} aria-hidden="true">{ICONS[state]}</span>
        <div>
          <h2 aria-live="polite">{t(`state.${state}`)}</h2>
          <p className="soft">{state === "well" ? <Well since={since} pulse={pulse} /> : troubles.length > 0 && t("state.troubles", { count: troubles.length })}</p>
        </div>
        <Facts pulse={pulse} />
      </div>
      {troubles.length > 0 && (
        <ul className={styles["troubles"]}>
          {troubles.slice(0, MOST).map((trouble, at) => <TroubleLine key={at} trouble={trouble} now={now} />)}
          {troubles.length > MOST && <li><Link to="/alerts">{t("state.more", { count: troubles.length - MOST })}</Link></li>}
        </ul>
      )}
    </section>
  );
}

function Well({ since, pulse: { processes, now } }: { readonly since: number | undefined; readonly pulse: Pulse }) {
  const { t } = useTranslation("overview");
  if (since !== undefined) return <>{t("state.wellFor", { time: lasted(now - since) })}</>;
  const first = Math.min(...processes.map(({ samples }) => samples[0]?.at ?? now));
  return <>{Number.isFinite(first) ? t("state.wellAsLong", { time: lasted(now - first) }) : null}</>;
}

/** In whole minutes, unless it is shorter. */
const lasted = (time: number): string => seconds(time < 60_000 ? Math.max(0, Math.round(time / 1000)) : Math.floor(time / 60_000) * 60);

function Facts({ pulse: { processes, now } }: { readonly pulse: Pulse }) {
  const { t } = useTranslation("overview");
  const alive = processes.filter(({ gone }) => !gone);
  const oldest = Math.min(...alive.map(({ started }) => started ?? now));
  if (!alive.length) return null;
  return (
    <dl className={styles["facts"]}>
      <div><dt>{t("fact.processes")}</dt><dd data-testid="processes">{alive.length}</dd></div>
      <div><dt>{t("fact.up")}</dt><dd>{lasted(now - oldest)}</dd></div>
    </dl>
  );
}

function TroubleLine({ trouble, now }: { readonly trouble: Trouble; readonly now: number }) {
  const { t } = useTranslation("overview");
  const { t: common } = useTranslation();
  const { tone, since } = trouble;
  const page = pageOf(trouble);
  return (
    <li>
      <Badge tone={tone} dot>{t(`trouble.tone.${tone}`)}</Badge>
      <span className={styles["what"]}>
        <Said trouble={trouble} />
        {trouble.what === "alert" && trouble.alert.acknowledged && <span className="soft"> · {t("trouble.acknowledged", { by: trouble.alert.acknowledged.by })}</span>}
      </span>
      {since !== undefined && <span className="soft">{t("trouble.for", { time: lasted(Math.max(0, now - since)) })} · <When at={since} exact /></span>}
      {page && <Link to={`/${page}`}>{common(`page.${page}`)}</Link>}
    </li>
  );
}

const pageOf = ({ what }: Trouble): PageName | undefined => (what === "alert" ? "alerts" : what === "slow" ? "connections" : undefined);

function Said({ trouble }: { readonly trouble: Trouble }) {
  const { t } = useTranslation("overview");
  if (trouble.what === "alert") return <>{trouble.alert.summary}</>;
  if (trouble.what === "broker") return <>{t("trouble.broker")}{trouble.reason && <span className="soft"> · {trouble.reason}</span>}</>;
  return <>{t(`trouble.${trouble.what}`, { count: trouble.count ?? 0 })}</>;
}

/** When something became what it is, in milliseconds since 1970. */
function useSince(value: HubLink["state"]): number {
  const [since, setSince] = useState({ value, at: Date.now() });
  if (since.value !== value) setSince({ value, at: Date.now() });
  return since.at;
}

/** Alerts that fire, and those resolved of late: read again whenever the hub tells of one. */
function useAlerts() {
  const queries = useQueryClient();
  const { received } = useFeed("system_alerts", { limit: 1, history: false, types: ALERTS });
  useEffect(() => {
    if (received) void queries.invalidateQueries({ queryKey: ["/api/alerts"] });
  }, [received, queries]);
  return useAnswer("/api/alerts", {}, { every: 30_000 }).data?.alerts;
}
