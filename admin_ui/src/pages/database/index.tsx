import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Followed } from "../../components/Followed";
import { SwitchOn } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { SpanPicker, useSpan } from "../../components/Span";
import { useAddress } from "../../components/useAddress";
import { usePaced } from "../../components/usePaced";
import { useTick } from "../../components/When";
import { useFeed } from "../../hub/live";
import { PoolCharts } from "./PoolCharts";
import { PoolNow } from "./PoolNow";
import { PoolPicker } from "./PoolPicker";
import { chosen, poolsOf, type Pool } from "./pools";
import { Resizes } from "./Resizes";
import { Leaks, SlowQueries } from "./Troubles";
import { useMessageLog } from "./useMessageLog";

const CHANNEL = "db_pool_stats";

/** More than an hour of the default intervals of sixteen processes. */
const KEPT = 10_000;

/** Milliseconds between two drawings at least. What comes after a longer silence is there at once. */
const PACE = 1_000;

/** How a program of one's own reports its pool; the same in every language. */
const SNIPPET = `from channels.push import Push
from integrations.db_pool import DynamicPool
from tocsin_client import notify_channel

pool = DynamicPool("postgresql:///app", push=Push(notify_channel))`;

export default function Database() {
  const { t } = useTranslation("database");
  const feed = useFeed(CHANNEL, { limit: KEPT });
  useMessageLog(CHANNEL);
  const publications = usePaced(feed.publications, PACE);
  const pools = useMemo(() => poolsOf(publications), [publications]);
  const [key, choose] = useAddress("pool");
  const now = useTick(5_000);
  const pool = chosen(pools, key, now);
  const empty = <Panel><SwitchOn title={t("empty.title")} snippet={SNIPPET}>{t("empty.about")}</SwitchOn></Panel>;
  const actions = pool && (
    <>
      <PoolPicker pools={pools} pool={pool} choose={choose} />
      <SpanPicker label={t("span")} />
    </>
  );
  return (
    <Page title={t("title")} about={t("about")} actions={actions}>
      <Followed feed={feed} empty={empty}>{pool ? <PoolView pool={pool} now={now} /> : empty}</Followed>
    </Page>
  );
}

/** One pool of one process. Drawn when it said something, not with each message that comes. */
const PoolView = memo(function PoolView({ pool, now }: { readonly pool: Pool; readonly now: number }) {
  const span = useSpan();
  return (
    <>
      <PoolNow pool={pool} />
      <PoolCharts pool={pool} now={now} span={span} />
      <Resizes resizes={pool.resizes} />
      <SlowQueries slow={pool.slow} />
      <Leaks leaks={pool.leaks} />
    </>
  );
});
