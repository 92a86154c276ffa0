import type { ReactNode } from "react";
import type { Publication } from "tocsin-client";
import type { FeedState } from "tocsin-client/feed";
import { Followed } from "./Followed";
import styles from "./LiveList.module.css";
import { Nothing } from "./Nothing";
import { Panel } from "./Panel";
import { usePaced } from "./usePaced";
import { When } from "./When";

/** Lines that are on the page at once, however many came. */
const SHOWN = 60;

/** What a line says, beside its time. */
export interface Line {
  /** In a word: what it is about. */
  readonly mark: ReactNode;
  readonly text: ReactNode;
  readonly state?: ReactNode;
}

interface LiveListProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly feed: FeedState;
  /** Says what would fill it. */
  readonly empty: string;
  readonly line: (publication: Publication) => Line;
}

/** What a channel says, a line each, the newest first. Its messages may be of any shape: `line` has to bear them all. */
export function LiveList({ title, note, feed, empty, line }: LiveListProps) {
  const newest = usePaced(feed.publications).slice(-SHOWN).reverse();
  return (
    <Panel title={title} note={note} flush>
      <Followed feed={feed} empty={<Nothing>{empty}</Nothing>}>
        <ol className={styles["lines"]} tabIndex={0} aria-label={title}>
          {newest.map((publication) => {
            const { mark, text, state } = line(publication);
            const { timestamp, epoch, offset } = publication;
            return (
              <li key={`${epoch} ${offset} ${timestamp}`}>
                <When at={timestamp} exact />
                <span className={styles["mark"]}>{mark}</span>
                <span className={styles["text"]}>{text}</span>
                <span className={styles["state"]}>{state}</span>
              </li>
            );
          })}
        </ol>
      </Followed>
    </Panel>
  );
}
