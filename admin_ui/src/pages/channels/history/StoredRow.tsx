import { memo } from "react";
import type { Publication } from "tocsin-client";
import { moment } from "../../../format";
import { glance, visible } from "../live/text";
import styles from "./History.module.css";

interface StoredRowProps {
  readonly message: Publication;
  readonly chosen: boolean;
  choose(message: Publication | undefined): void;
}

/** A kept message in one line. */
export const StoredRow = memo(function StoredRow({ message, chosen, choose }: StoredRowProps) {
  const { timestamp, type, key, offset, data } = message;
  return (
    <button type="button" className={styles["row"]} aria-pressed={chosen} onClick={() => choose(chosen ? undefined : message)}>
      <span className={styles["at"]}>{offset}</span>
      <time className={styles["time"]} dateTime={timestamp}>{moment(timestamp)}</time>
      <span className={styles["type"]}>{visible(type)}</span>
      <span className={styles["data"]}>{glance(data)}</span>
      {key !== undefined && <span className={styles["key"]}>{key}</span>}
    </button>
  );
});
