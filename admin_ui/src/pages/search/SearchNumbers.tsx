import { useTranslation } from "react-i18next";
import { Stat, Stats } from "../../components/Stat";
import { count, measure, milliseconds, share } from "../../format";
import type { Range } from "./charts";
import { quantiles } from "./latency";
import type { Searches } from "./searches";
import { recallKinds } from "./summary";

interface SearchNumbersProps {
  readonly searches: Searches;
  readonly range: Range;
}

/** What the searches come to, with how many they are: a figure of three searches isn't one of three thousand. */
export function SearchNumbers({ searches: { completed, unfinished }, range }: SearchNumbersProps) {
  const { t } = useTranslation("search");
  const times = quantiles(completed.map(({ took }) => took));
  const failed = unfinished.filter(({ cancelled }) => !cancelled).length;
  const exact = completed.filter((search) => search.exact !== null).length;
  const ended = completed.length + unfinished.length;
  const of = t("of", { count: times.count });
  const kinds = recallKinds(completed);
  const measured = kinds.filter(({ recall }) => recall !== null);
  const [lowest] = measured;
  const interval = lowest?.low == null || lowest.high == null ? undefined : t("recall.interval", { low: share(lowest.low), high: share(lowest.high) });
  return (
    <Stats>
      <Stat label={t("volume.completed")} value={count(completed.length)} note={t("volume.rate", { rate: measure(completed.length / ((range[1] - range[0]) / 60_000)) })} />
      <Stat label="P50" about={t("latency.p50")} value={milliseconds(times.p50)} note={of} />
      <Stat label="P95" about={t("latency.p95")} value={milliseconds(times.p95)} note={of} />
      <Stat label="P99" about={t("latency.p99")} value={milliseconds(times.p99)} note={of} />
      <Stat label={t("recall.title")} about={t("recall.about")} value={share(lowest?.recall)} note={!lowest ? t("recall.unmeasured") : measured.length > 1 ? t("recall.lowest", { count: measured.length }) : interval} />
      <Stat label={t("volume.exact")} about={t("exact.about")} value={count(exact)} note={completed.length ? share(exact / completed.length) : undefined} />
      <Stat label={t("volume.failed")} value={count(failed)} note={ended ? t("volume.failedNote", { share: share(failed / ended), cancelled: count(unfinished.length - failed) }) : undefined} tone={failed ? "bad" : "plain"} />
    </Stats>
  );
}
