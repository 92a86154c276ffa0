import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { HubError } from "tocsin-client";
import { Loaded } from "../../components/Loaded";
import { Panel } from "../../components/Panel";
import type { Schema } from "../../hub/api";
import type { FeedState } from "tocsin-client/feed";
import { EventDrawer } from "./EventDrawer";
import { EventList } from "./EventList";
import type { Event } from "./events";
import styles from "./Firewall.module.css";
import { Numbers } from "./Numbers";
import { Off } from "./Standing";
import { RateChart } from "./RateChart";

interface LiveProps {
  readonly feed: FeedState;
  readonly events: readonly Event[];
  readonly stats: UseQueryResult<Schema<"FirewallStatistics">, HubError>;
  /** This hub has no firewall. Programs may have one of their own, and tell the channel. */
  readonly off: boolean;
}

/** What the firewall says now: its numbers, how they went, and each verdict as it comes. */
export function Live({ feed, events, stats, off }: LiveProps) {
  const { t } = useTranslation("firewall");
  const [open, setOpen] = useState<Event>();
  const empty = off && events.length === 0;
  return (
    <div className={styles["stack"]}>
      {off ? <Off /> : (
        stats.data ? <Numbers stats={stats.data} /> : <Panel><Loaded answer={stats} rows={2}>{() => null}</Loaded></Panel>
      )}
      {!empty && <RateChart feed={feed} />}
      {!empty && (
        <EventList feed={feed} events={events} open={setOpen} />
      )}
      {off && !empty && <p className="soft">{t("off.others")}</p>}
      <EventDrawer event={open} close={() => setOpen(undefined)} />
    </div>
  );
}
