import { memo, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Publication } from "tocsin-client";
import { useNewestRows } from "../../../components/useNewestRows";
import { clock, milliseconds } from "../../../format";
import styles from "./MessageList.module.css";
import { isGap, missingIn, type Line } from "./stream";
import { glance } from "./text";

/** Pixels of a line; the style sheet has the same. */
const HEIGHT = 34;

interface MessageListProps {
  /** Oldest first; they are shown newest first. */
  readonly lines: readonly Line[];
  readonly chosen: Publication | undefined;
  readonly replaced?: ReadonlySet<Publication> | undefined;
  readonly arrivedAt?: ((publication: Publication) => number | undefined) | undefined;
  /** Stays at the newest. */
  readonly following: boolean;
  choose(publication: Publication | undefined): void;
  /** Somebody looks at older lines, or at the newest ones again. */
  readonly look: (away: boolean) => void;
}

/** Messages, newest first. Only the lines in view exist, and new messages change their texts alone. */
export function MessageList({ lines, chosen, replaced, arrivedAt, following, choose, look }: MessageListProps) {
  const { t } = useTranslation("channels");
  const { place, rows, onScroll } = useNewestRows({ count: lines.length, height: HEIGHT, following, look });
  const at = (index: number): Line | undefined => lines[lines.length - 1 - index];
  const index = chosen ? lines.lastIndexOf(chosen) : -1;
  const position = index < 0 ? -1 : lines.length - 1 - index;
  const go = (event: KeyboardEvent, to: number) => {
    event.preventDefault();
    const step = to < position ? -1 : 1;
    let next = Math.min(Math.max(to, 0), lines.length - 1);
    while (at(next) && isGap(at(next) as Line)) next += step;
    const line = at(next);
    if (!line || isGap(line)) return;
    choose(line);
    rows.scrollToIndex(next);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") go(event, position + 1);
    else if (event.key === "ArrowUp") go(event, position < 0 ? 0 : position - 1);
    else if (event.key === "Home") go(event, 0);
    else if (event.key === "End") go(event, lines.length - 1);
    else if (event.key === "Escape") choose(undefined);
  };
  return (
    <div
      ref={place}
      className={styles["list"]}
      role="listbox"
      tabIndex={0}
      aria-label={t("live.messages")}
      aria-activedescendant={position < 0 ? undefined : `message-${position}`}
      onKeyDown={pressed}
      onScroll={onScroll}
    >
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map(({ index: row, start }) => {
          const line = at(row);
          if (!line) return null;
          if (isGap(line)) return <GapRow key={row} row={row} top={start} missing={missingIn(line)} />;
          return <Row key={row} row={row} top={start} message={line} chosen={line === chosen} replaced={replaced?.has(line) ? t("live.replaced") : undefined} arrived={arrivedAt?.(line)} choose={choose} />;
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly top: number;
  readonly message: Publication;
  readonly chosen: boolean;
  /** A word for it, when it was. */
  readonly replaced: string | undefined;
  readonly arrived: number | undefined;
  choose(publication: Publication | undefined): void;
}

const Row = memo(function Row({ row, top, message, chosen, replaced, arrived, choose }: RowProps) {
  const { timestamp, type, key, offset, data } = message;
  return (
    <div id={`message-${row}`} role="option" aria-selected={chosen} className={styles["row"]} style={{ transform: `translateY(${top}px)` }} data-replaced={replaced !== undefined} onClick={() => choose(chosen ? undefined : message)}>
      <time className={styles["time"]} dateTime={timestamp}>{clock(timestamp)}</time>
      <span className={styles["type"]}>{type}</span>
      <span className={styles["data"]}>{glance(data)}</span>
      {replaced && <span className={styles["word"]}>{replaced}</span>}
      {key !== undefined && <span className={styles["key"]}>{key}</span>}
      <span className={styles["delay"]}>{arrived === undefined ? "" : milliseconds(delayOf(timestamp, arrived))}</span>
      <span className={styles["offset"]}>{offset}</span>
    </div>
  );
});

/** Milliseconds from publishing to arrival; `null` where the clocks of both machines don't agree. */
export const delayOf = (timestamp: string, arrived: number): number | null => {
  const delay = arrived - Date.parse(timestamp);
  return delay < 0 ? null : Math.round(delay);
};

function GapRow({ row, top, missing }: { readonly row: number; readonly top: number; readonly missing: number | undefined }) {
  const { t } = useTranslation(["channels", "common"]);
  return (
    <div id={`message-${row}`} role="option" aria-selected={false} aria-disabled="true" className={styles["gap"]} style={{ transform: `translateY(${top}px)` }}>
      <span>{missing === undefined ? t("common:live.gap") : t("live.missing", { count: missing })}</span>
    </div>
  );
}
