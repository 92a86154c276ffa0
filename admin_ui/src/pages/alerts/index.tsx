import { Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";
import { Stat, Stats } from "../../components/Stat";
import { useAddress } from "../../components/useAddress";
import { count } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { useStale } from "../../hub/stale";
import { firing, sorted } from "./alerts";
import { AlertLists } from "./AlertLists";
import { Rules } from "./Rules";
import { SilenceForm, type SilenceDraft } from "./SilenceForm";
import { Silences } from "./Silences";

const PATHS = ["/api/alerts", "/api/alerts/rules", "/api/alerts/silences"] as const;
const TYPES = ["alert"] as const;
const EVERY = 5_000;

/** Alerts that fire and that did, the rules behind them, and silences. */
export default function Alerts() {
  const { t } = useTranslation("alerts");
  const { operator } = useSession();
  const [tab, chooseTab] = useAddress("tab", "alerts");
  const [draft, setDraft] = useState<SilenceDraft>();
  useStale("system_alerts", PATHS, TYPES);
  const alerts = useAnswer("/api/alerts", undefined, { every: EVERY });
  const silences = useAnswer("/api/alerts/silences", undefined, { every: EVERY });
  const all = alerts.data?.alerts;
  const silent = all?.filter(({ status, silenced_by }) => status === "firing" && silenced_by.length).length;
  const critical = all && firing(all, "critical");
  const warning = all && firing(all, "warning");
  const items = [
    { key: "alerts", label: t("tab.alerts"), children: <AlertLists answer={alerts} silence={operator ? setDraft : undefined} /> },
    { key: "rules", label: t("tab.rules"), children: <Rules /> },
    {
      key: "silences",
      label: t("tab.silences", { count: silences.data?.silences.length ?? 0 }),
      children: <Silences answer={silences} make={operator ? () => setDraft({}) : undefined} />,
    },
  ];
  return (
    <Page title={t("title")} about={t("about")}>
      <Stats>
        <Stat label={t("stat.critical")} value={count(critical)} tone={critical ? "bad" : "plain"} />
        <Stat label={t("stat.warning")} value={count(warning)} tone={warning ? "warn" : "plain"} />
        <Stat label={t("stat.info")} value={count(all && firing(all, "info"))} />
        <Stat label={t("stat.pending")} value={count(all?.filter(({ status }) => status === "pending").length)} about={t("stat.pendingAbout")} />
        <Stat label={t("stat.silenced")} value={count(silent)} about={t("stat.silencedAbout")} />
        <Stat label={t("stat.resolved")} value={count(all && sorted(all).resolved.length)} about={t("stat.resolvedAbout")} />
      </Stats>
      <Tabs activeKey={tab} onChange={chooseTab} items={items} />
      {draft && <SilenceForm draft={draft} close={() => setDraft(undefined)} />}
    </Page>
  );
}
