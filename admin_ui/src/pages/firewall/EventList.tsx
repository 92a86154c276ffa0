import { Input, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Followed } from "../../components/Followed";
import { Newer, Pause } from "../../components/Hold";
import { LiveRows } from "../../components/LiveRows";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { useHold } from "../../components/useHold";
import { clock, count, measure, milliseconds } from "../../format";
import type { FeedState } from "tocsin-client/feed";
import { type Event, found, TONES, TYPES } from "./events";
import styles from "./EventList.module.css";
import { Flags } from "./Flags";

interface EventListProps {
  readonly feed: FeedState;
  readonly events: readonly Event[];
  open(event: Event): void;
}

/** Each verdict as it comes, the newest first. The list stands still while it is paused, or scrolled away from its top. */
export function EventList({ feed, events, open }: EventListProps) {
  const { t } = useTranslation("firewall");
  const common = useTranslation().t;
  const [type, setType] = useAddress("type");
  const [text, setText] = useAddress("text");
  const { shown, why, newer, turn, look } = useHold(events, feed.received);
  const rows = useMemo(() => found(shown, { type, text }), [shown, type, text]);
  const select = (
    <Select
      value={type}
      onChange={setType}
      aria-label={t("live.type")}
      popupMatchSelectWidth={false}
      options={[{ value: "", label: t("live.all") }, ...TYPES.map((value) => ({ value, label: t(`event.${value}`) }))]}
      style={{ minWidth: 150 }}
    />
  );
  return (
    <Panel
      flush
      title={t("live.title")}
      note={common("live.count", { count: rows.length })}
      actions={
        <>
          <Input data-search allowClear value={text} onChange={({ target }) => setText(target.value)} placeholder={t("live.search")} aria-label={t("live.search")} style={{ width: 230 }} />
          {select}
          <Pause why={why} turn={turn} />
        </>
      }
    >
      <Newer why={why} newer={newer} turn={turn} />
      <Followed feed={feed} empty={<Nothing height={200}>{t("live.none")}</Nothing>}>
        {rows.length ? (
          <LiveRows items={rows} label={t("live.title")} testId="events" columns={styles["columns"]} following={!why} look={look} keyOf={({ key }) => key} open={open}>
            {(event) => <EventRow event={event} />}
          </LiveRows>
        ) : (
          <Nothing height={200}>{t("live.noneFit")}</Nothing>
        )}
      </Followed>
    </Panel>
  );
}

function EventRow({ event }: { readonly event: Event }) {
  const { t } = useTranslation("firewall");
  const { type, timestamp, count: many } = event;
  return (
    <>
      <time className={styles["time"]} dateTime={timestamp}>{clock(timestamp)}</time>
      <span className={styles["what"]}>
        <Badge tone={TONES[type]} dot>{t(`event.${type}`)}{many > 1 && ` ×${count(many)}`}</Badge>
        <Flags degraded={event.degraded} wouldBlock={event.wouldBlock} />
      </span>
      <span className={`mono cut ${styles["operation"]}`}>{event.operation}</span>
      <span className={`cut ${styles["why"]}`}>
        {type === "error_recorded" && event.message ? `${event.errorType ?? ""}: ${event.message}` : event.why}
        {event.solution && <span className={styles["solution"]}> → {event.solution}</span>}
      </span>
      <span className={styles["match"]}>{event.match && `${t(`match.${event.match}`)}${event.match === "similar" ? ` ${measure(event.score)}` : ""}`}</span>
      <span className={`numbers ${styles["ms"]}`}>{event.ms !== null && milliseconds(event.ms)}</span>
    </>
  );
}
