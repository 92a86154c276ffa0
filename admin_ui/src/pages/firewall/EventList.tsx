import { PauseOutlined, CaretRightOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Followed } from "../../components/Followed";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { clock, count, measure, milliseconds } from "../../format";
import type { FeedState } from "../../hub/feed";
import { type Event, found, TONES, TYPES } from "./events";
import styles from "./EventList.module.css";
import { Flags } from "./Flags";

interface EventListProps {
  readonly feed: FeedState;
  readonly events: readonly Event[];
  open(event: Event): void;
}

/** Pixels of a row; of two lines on a narrow screen. */
const [ROW, TALL] = [40, 62];

/** Pixels that are scrolled away before the list stands still. */
const SLACK = 30;

/** Each verdict as it comes, the newest first. The list stands still while it is paused, or scrolled away from its top. */
export function EventList({ feed, events, open }: EventListProps) {
  const { t } = useTranslation("firewall");
  const common = useTranslation().t;
  const [type, setType] = useAddress("type");
  const [text, setText] = useAddress("text");
  const [paused, setPaused] = useState(false);
  const [kept, setKept] = useState<readonly Event[]>();
  const hold = (held: boolean) => setKept((last) => (held ? (last ?? events) : undefined));
  const pause = (stop: boolean) => {
    setPaused(stop);
    hold(stop);
  };
  const shown = kept ?? events;
  const rows = useMemo(() => found(shown, { type, text }), [shown, type, text]);
  const waiting = kept ? newer(events, kept) : 0;
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
          <Button icon={paused ? <CaretRightOutlined /> : <PauseOutlined />} onClick={() => pause(!paused)}>
            {paused ? common("action.resume") : common("action.pause")}
          </Button>
        </>
      }
    >
      {waiting > 0 && (
        <button type="button" className={styles["waiting"]} onClick={() => pause(false)}>{t("live.newer", { count: waiting })}</button>
      )}
      <Followed feed={feed} empty={<Nothing height={200}>{t("live.none")}</Nothing>}>
        {rows.length ? <Rows rows={rows} open={open} away={(away) => paused || hold(away)} top={!kept} /> : <Nothing height={200}>{t("live.noneFit")}</Nothing>}
      </Followed>
    </Panel>
  );
}

/** How many came after the newest that is kept. */
function newer(events: readonly Event[], kept: readonly Event[]): number {
  const last = kept[kept.length - 1];
  return last ? events.length - 1 - events.lastIndexOf(last) : events.length;
}

interface RowsProps {
  readonly rows: readonly Event[];
  /** Stay at the top: the list isn't held. */
  readonly top: boolean;
  open(event: Event): void;
  away(away: boolean): unknown;
}

function Rows({ rows, top, open, away }: RowsProps) {
  const { t } = useTranslation("firewall");
  const place = useRef<HTMLDivElement>(null);
  const height = matchMedia("(max-width: 700px)").matches ? TALL : ROW;
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => place.current, estimateSize: () => height, overscan: 12 });
  const held = useRef(top);
  if (top && !held.current) place.current?.scrollTo({ top: 0 });
  held.current = top;
  return (
    <div ref={place} className={styles["place"]} tabIndex={0} role="region" aria-label={t("live.title")} onScroll={({ currentTarget }) => away(currentTarget.scrollTop > SLACK)}>
      <ol className={styles["rows"]} style={{ height: list.getTotalSize() }} data-testid="events">
        {list.getVirtualItems().map(({ index, start }) => {
          const event = rows[index];
          return event && (
            <li key={event.key} style={{ height, transform: `translateY(${start}px)` }}>
              <EventRow event={event} open={open} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function EventRow({ event, open }: { readonly event: Event; open(event: Event): void }) {
  const { t } = useTranslation("firewall");
  const { type, timestamp, count: many } = event;
  return (
    <button type="button" className={styles["row"]} onClick={() => open(event)}>
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
    </button>
  );
}
