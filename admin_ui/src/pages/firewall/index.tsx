import { Tabs } from "antd";
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes, useLocation, useNavigate } from "react-router";
import { isOff } from "../../components/Loaded";
import { Page } from "../../components/Page";
import { usePaced } from "../../components/usePaced";
import { useAnswer } from "../../hub/api";
import { useFeed } from "../../hub/live";
import { useStale } from "../../hub/stale";
import { Books } from "./Books";
import { CheckForm } from "./CheckForm";
import { Environment } from "./Environment";
import { CHANNEL, eventsOf, LEARNING, TYPES } from "./events";
import { Live } from "./Live";
import { Off, Standing } from "./Standing";
import { RecordPage } from "./RecordPage";
import { Records } from "./Records";
import { Rules } from "./Rules";

const TABS = ["live", "records", "rules", "books", "check", "environment"] as const;

/** Publications that the live list reaches back. */
const KEPT = 2_000;

const COUNTED = ["/api/firewall/stats"] as const;
const LEARNED = ["/api/firewall/records", "/api/firewall/records/{record}", "/api/firewall/rules"] as const;

/** Milliseconds between two drawings: on a busy channel each frame has news. */
const PACE = 100;

// Not drawn again because the channel said something that they don't show.
const [LiveTab, RecordsTab, RecordTab, RulesTab, BooksTab, CheckTab, EnvironmentTab] = [memo(Live), memo(Records), memo(RecordPage), memo(Rules), memo(Books), memo(CheckForm), memo(Environment)];

/** The error firewall: what it says now, what it knows, and what can be done about it. */
export default function Firewall() {
  const { t } = useTranslation("firewall");
  const navigate = useNavigate();
  const feed = usePaced(useFeed(CHANNEL, { limit: KEPT, types: TYPES }), PACE);
  const stats = useAnswer("/api/firewall/stats", {}, { every: 5_000 });
  const events = useMemo(() => eventsOf(feed.publications), [feed.publications]);
  useStale(CHANNEL, COUNTED);
  useStale(CHANNEL, LEARNED, LEARNING);
  const tab = useLocation().pathname.split("/")[2] || "live";
  const off = isOff(stats.error);
  return (
    <Page title={t("title")} about={t("about")}>
      <Standing stats={off ? undefined : stats.data} />
      <div>
        <Tabs activeKey={tab} onTabClick={(key) => void navigate(key === "live" ? "/firewall" : `/firewall/${key}`)} items={TABS.map((key) => ({ key, label: t(`tab.${key}`) }))} />
        <Routes>
          <Route index element={<LiveTab feed={feed} events={events} stats={stats} off={off} />} />
          {off ? (
            <Route path="*" element={<Off />} />
          ) : (
            <>
              <Route path="records" element={<RecordsTab stats={stats.data} />} />
              <Route path="records/:id" element={<RecordTab />} />
              <Route path="rules" element={<RulesTab />} />
              <Route path="books" element={<BooksTab />} />
              <Route path="check" element={<CheckTab />} />
              <Route path="environment" element={<EnvironmentTab />} />
              <Route path="*" element={<Navigate to="/firewall" replace />} />
            </>
          )}
        </Routes>
      </div>
    </Page>
  );
}
