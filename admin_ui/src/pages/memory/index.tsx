import { useMemo } from "react";
import { Trans, useTranslation } from "react-i18next";
import { SwitchOn } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { rangeOf } from "../../components/range";
import { SpanPicker, useSpan } from "../../components/Span";
import { usePaced } from "../../components/usePaced";
import { useTick } from "../../components/When";
import { useFeed, useFeeds, useMessages } from "../../hub/live";
import { useSession } from "../../hub/session";
import { ChangeList } from "./ChangeList";
import { changesOf, together, TYPES } from "./changes";
import { Counts } from "./Counts";
import { countedSince } from "./counts";
import { Shares } from "./Shares";

const CHANNEL = "memory_updates";
const LIMIT = 2_000;
const OWN = TYPES.filter((type) => type !== "memory_counts");

/** As it stands in docs/topics/memory-updates.md. */
const SNIPPET = `from channels.push import Push
from hub import notify_channel
from integrations.memory_updates import MemoryUpdates

updates = MemoryUpdates(Push(notify_channel))
updates.created("alice", "m-81", kind="preference", summary="Reports on Monday", agent="planner")
updates.pruned("alice", 250, "not used for 90 days", ["m-3", "m-4"])
updates.flush()`;

/** What agents remember: numbers of everybody's, and each change of one's own. */
export default function Memory() {
  const { t } = useTranslation("memory");
  const { user, signedIn } = useSession();
  const span = useSpan();
  const now = useTick(5_000);
  const shared = useFeed(CHANNEL, { limit: LIMIT, types: TYPES });
  const own = useFeeds(user === undefined ? [] : [`user:${user}`], { limit: LIMIT, types: OWN });
  const counts = useMessages(shared, "memory_counts");
  const { publications, received } = usePaced(useMemo(() => together([shared, ...own]), [shared, own]));
  const changes = useMemo(() => changesOf(publications), [publications]);
  const range = useMemo(() => rangeOf(counts.map(({ timestamp }) => ({ at: Date.parse(timestamp) })), now, span), [counts, now, span]);
  const counted = useMemo(() => countedSince(counts, range[0]), [counts, range]);
  const silent = changes.length === 0 && shared.state === "live" && !shared.error;
  return (
    <Page title={t("title")} about={t("about")} actions={<SpanPicker label={t("span")} />}>
      {silent ? (
        <Panel>
          <SwitchOn title={t("empty.title")} snippet={SNIPPET}><Trans t={t} i18nKey="empty.about" components={{ code: <code /> }} /></SwitchOn>
        </Panel>
      ) : (
        <>
          <Counts feed={shared} counted={counted} range={range} />
          <ChangeList changes={changes} received={received} error={own[0]?.error} user={signedIn ? user : undefined} />
          {(signedIn || changes.some(({ type }) => type !== "memory_counts")) && <Shares changes={changes} />}
        </>
      )}
    </Page>
  );
}
