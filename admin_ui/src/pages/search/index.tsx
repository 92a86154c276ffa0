import { Select } from "antd";
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Followed } from "../../components/Followed";
import { SwitchOn } from "../../components/Nothing";
import { Page, Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { SpanPicker, useSpan } from "../../components/Span";
import { useAddress } from "../../components/useAddress";
import { usePaced } from "../../components/usePaced";
import { useTick } from "../../components/When";
import { useFeed } from "../../hub/live";
import { rangeOfSearches, type Range } from "./charts";
import { Endings } from "./Endings";
import { ExactSearches } from "./ExactSearches";
import { Parts } from "./Parts";
import { Recall } from "./Recall";
import { SearchCharts } from "./SearchCharts";
import { SearchNumbers } from "./SearchNumbers";
import { collectionsOf, searchesOf, select, type Searches } from "./searches";
import { Slowest } from "./Slowest";
import { UnderWay } from "./UnderWay";

/** Five times what the channel keeps by default: a page that stays open sees further back than a new one. */
const KEPT = 5_000;

/** Milliseconds between two drawings at least: all figures are worked out anew in each. */
const PACE = 1_000;

/** How a program reports its searches; the same in every language. */
const SNIPPET = `import tocsin_client

from channels.push import Push
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.search import ObservedSearch

async with ObservedSearch(store, Reporter(Push(tocsin_client.notify_channel)), embed=embed) as search:
    found = await search.search_vectors("manuals", "how often is the filter changed", top_k=5)`;

export default function Search() {
  const { t } = useTranslation("search");
  const feed = useFeed("vector_search", { limit: KEPT });
  const publications = usePaced(feed.publications, PACE);
  const searches = useMemo(() => searchesOf(publications), [publications]);
  const collections = useMemo(() => collectionsOf(searches), [searches]);
  const [collection, choose] = useAddress("collection");
  const span = useSpan();
  const now = useTick(5_000);
  const range = useMemo(() => rangeOfSearches(searches, now, span), [searches, now, span]);
  const seen = useMemo(() => select(searches, { from: range[0], now, collection }), [searches, range, now, collection]);
  const options = [...new Set(["", ...collections, collection])].map((value) => ({ value, label: value === "" ? t("collection.all") : value }));
  const actions = publications.length > 0 && (
    <>
      <Select id="collection" aria-label={t("collection.choose")} value={collection} onChange={choose} options={options} showSearch optionFilterProp="label" popupMatchSelectWidth={false} style={{ minWidth: 180, maxWidth: "min(360px, 80vw)" }} />
      <SpanPicker label={t("span")} />
    </>
  );
  const empty = <Panel><SwitchOn title={t("empty.title")} snippet={SNIPPET}>{t("empty.about")}</SwitchOn></Panel>;
  return (
    <Page title={t("title")} about={t("about")} actions={actions}>
      <Followed feed={feed} empty={empty}>
        <SearchView searches={seen} range={range} />
      </Followed>
    </Page>
  );
}

interface SearchViewProps {
  readonly searches: Searches;
  readonly range: Range;
}

/** All about the searches that were chosen. Drawn when these change, not with each message that comes. */
const SearchView = memo(function SearchView({ searches, range }: SearchViewProps) {
  return (
    <>
      <SearchNumbers searches={searches} range={range} />
      <SearchCharts searches={searches} range={range} />
      <Row min={380}>
        <Recall completed={searches.completed} />
        <Parts completed={searches.completed} />
      </Row>
      <Row>
        <UnderWay searches={searches.underWay} />
        <Endings unfinished={searches.unfinished} />
        <ExactSearches completed={searches.completed} />
      </Row>
      <Slowest completed={searches.completed} />
    </>
  );
});
