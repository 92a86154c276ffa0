import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Publication } from "tocsin-client";
import { Newer, Pause } from "../../../components/Hold";
import { Failed, Nothing } from "../../../components/Nothing";
import { useAddress } from "../../../components/useAddress";
import { useHold } from "../../../components/useHold";
import { count } from "../../../format";
import type { FeedState } from "tocsin-client/feed";
import { useFeed } from "../../../hub/live";
import type { Options } from "../access";
import { Filters } from "./Filters";
import { Beside, Inspector } from "./Inspector";
import styles from "./Live.module.css";
import { MessageList } from "./MessageList";
import { linesOf, replacedIn, withTypes } from "./stream";

/** Messages that are kept to look at. */
const KEPT = 2_000;

interface LiveProps {
  readonly channel: string;
  readonly options: Options;
  readonly again?: ((message: Publication) => void) | undefined;
}

/** A channel as it happens, newest first. It stands still while it is paused, and while somebody looks at older messages. */
export function Live({ channel, options, again }: LiveProps) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation();
  const feed = useFeed(channel, { limit: KEPT, history: options.history_size > 0 });
  const [words, setWords] = useAddress("q");
  const [types, setTypes] = useState<readonly string[]>([]);
  const [chosen, choose] = useState<Publication>();
  const { shown, why, newer, turn, look } = useHold(feed, feed.received);
  const lines = useMemo(
    () => linesOf(shown.publications, { words, types }, shown.gaps),
    [shown.publications, shown.gaps, words, types],
  );
  const replaced = useMemo(() => (options.conflate ? replacedIn(feed.publications) : undefined), [options.conflate, feed.publications]);
  const known = useTypes(feed);
  if (feed.error && !feed.publications.length) return <Failed error={feed.error} />;
  return (
    <div className={styles["live"]}>
      <div className={styles["bar"]}>
        <Filters words={words} types={types} known={known} search={setWords} choose={setTypes} />
        <span className={styles["space"]} />
        <span className={styles["count"]} data-testid="received">{t("live.received", { count: feed.received, number: count(feed.received) })}</span>
        <Pause why={why} turn={turn} />
      </div>
      <Newer why={why} newer={newer} turn={turn} />
      <div className={styles["stage"]}>
        <Beside title={t("inspect.title")} close={() => choose(undefined)} inspector={chosen && <Inspector message={chosen} arrived={feed.arrivedAt(chosen)} keyed={options.conflate === "key"} again={again} close={() => choose(undefined)} />}>
          {lines.length ? (
            <MessageList following={!why} lines={lines} chosen={chosen} replaced={replaced} arrivedAt={feed.arrivedAt} choose={choose} look={look} />
          ) : (
            <Nothing height={320} title={feed.publications.length ? t("live.nothingFits") : common("live.waiting")}>{!feed.publications.length && t("live.waitingAbout")}</Nothing>
          )}
        </Beside>
      </div>
    </div>
  );
}

/** The types that came, for the filter: looked for in what is new only, and without a rendering of its own. */
function useTypes({ publications, received }: FeedState): readonly string[] {
  const seen = useRef<{ readonly types: readonly string[]; readonly received: number }>({ types: [], received: 0 });
  const fresh = received - seen.current.received;
  if (fresh > 0) seen.current = { types: withTypes(seen.current.types, publications, fresh), received };
  return seen.current.types;
}
