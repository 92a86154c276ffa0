import type { EChartsCoreOption } from "echarts/core";
import { Checkbox, Segmented } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "../../components/Chart";
import { Panel } from "../../components/Panel";
import { tooltipOf } from "../../components/TimeChart";
import { useAddress } from "../../components/useAddress";
import { useTick } from "../../components/When";
import { count, measure, seconds } from "../../format";
import type { FeedState } from "tocsin-client/feed";
import { SANS, type Palette } from "../../theme/palette";
import { eventOf } from "./events";
import { type Counts, isSpan, OUTCOMES, type Outcome, Rates, type Span, SPANS, total } from "./rates";

const COLOURS: Readonly<Record<Outcome, (palette: Palette) => string>> = {
  blocked: ({ bad }) => bad,
  warned: ({ warn }) => warn,
  overridden: ({ info }) => info,
  passed: ({ good }) => good,
};

/** How many checks ended how, over time, of all processes that tell the channel. */
export function RateChart({ feed }: { readonly feed: FeedState }) {
  const { t } = useTranslation("firewall");
  const [chosen, choose] = useAddress("span", "15m");
  const [passes, setPasses] = useAddress("passes", "shown");
  const span: Span = isSpan(chosen) ? chosen : "15m";
  const { steps, missed } = useRates(feed, span);
  const shown = OUTCOMES.filter((outcome) => outcome !== "passed" || passes === "shown");
  const sum = total(steps);
  const minutes = SPANS[span].length / 60_000;
  const option = useChartOption(steps, shown, span);
  return (
    <Panel
      title={t("rates.title")}
      note={t("rates.note", { step: seconds(SPANS[span].step / 1_000) })}
      actions={
        <>
          <Checkbox checked={passes === "shown"} onChange={({ target }) => setPasses(target.checked ? "shown" : "hidden")}>{t("rates.withPasses")}</Checkbox>
          <Segmented size="small" value={span} onChange={choose} options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`rates.span.${value}`) }))} />
        </>
      }
    >
      <Chart label={t("rates.label", { blocked: count(sum.blocked), warned: count(sum.warned), passed: count(sum.passed) })} height={230} option={option} />
      <p className="soft" data-testid="rates">
        {OUTCOMES.map((outcome) => t("rates.perMinute", { outcome: t(`outcome.${outcome}`), number: count(sum[outcome]), rate: measure(sum[outcome] / minutes) })).join(" · ")}
        {missed > 0 && ` · ${t("rates.missed", { number: count(missed) })}`}
      </p>
    </Panel>
  );
}

function useRates(feed: FeedState, span: Span) {
  const [rates] = useState(() => new Rates());
  const now = useTick(1_000);
  useEffect(() => rates.take(feed.publications, feed.received, eventOf), [rates, feed]);
  return { steps: rates.over(span, now), missed: rates.missed };
}

function useChartOption(steps: readonly (readonly [number, Counts])[], shown: readonly Outcome[], span: Span) {
  const { t } = useTranslation("firewall");
  // Drawn anew only when a number is another one, or a step is over.
  const key = JSON.stringify([steps, shown]);
  return useCallback(
    (palette: Palette): EChartsCoreOption => {
      const text = { color: palette.soft, fontFamily: SANS, fontSize: 11.5 };
      const [[first] = [0], [last] = [0]] = [steps[0] ?? [0], steps[steps.length - 1] ?? [0]];
      return {
        animation: false,
        textStyle: { fontFamily: SANS },
        grid: { left: 4, right: 12, top: 34, bottom: 2, containLabel: true },
        legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, icon: "roundRect", textStyle: text, selectedMode: false, type: "scroll" },
        tooltip: tooltipOf(palette, count),
        xAxis: {
          type: "time",
          min: first - SPANS[span].step / 2,
          max: last + SPANS[span].step / 2,
          axisLine: { lineStyle: { color: palette.edge } },
          axisTick: { show: false },
          axisLabel: { ...text, hideOverlap: true, formatter: { hour: "{HH}:{mm}", minute: "{HH}:{mm}", second: "{HH}:{mm}:{ss}" } },
          splitLine: { show: false },
        },
        yAxis: { type: "value", min: 0, minInterval: 1, splitNumber: 4, axisLabel: text, splitLine: { lineStyle: { color: palette.line } } },
        series: shown.map((outcome) => ({
          type: "bar",
          name: t(`outcome.${outcome}`),
          stack: "checks",
          barCategoryGap: "20%",
          color: COLOURS[outcome](palette),
          data: steps.map(([at, counts]) => [at, counts[outcome]]),
          emphasis: { disabled: true },
        })),
      };
    },
    [key, span, t],
  );
}
