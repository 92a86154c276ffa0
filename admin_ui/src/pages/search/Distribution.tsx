import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "../../components/Chart";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { count, milliseconds } from "../../format";
import { SANS, type Palette } from "../../theme/palette";
import { histogram, type Bucket } from "./latency";
import type { Completed } from "./searches";

/** How many searches took how long. */
export function Distribution({ completed }: { readonly completed: readonly Completed[] }) {
  const { t } = useTranslation("search");
  const { t: common } = useTranslation();
  const times = useMemo(() => completed.map(({ took }) => took).filter((took) => took !== null), [completed]);
  const option = useCallback((palette: Palette) => optionOf(histogram(times), palette, t("distribution.searches")), [times, t]);
  return (
    <Panel title={t("distribution.title")} note={t("of", { count: times.length })}>
      {times.length ? <Chart label={t("distribution.title")} height={210} option={option} /> : <Nothing height={210}>{common("chart.nothing")}</Nothing>}
    </Panel>
  );
}

function optionOf(buckets: readonly Bucket[], palette: Palette, searches: string) {
  const text = { color: palette.soft, fontFamily: SANS, fontSize: 11.5 };
  return {
    animation: false,
    textStyle: { fontFamily: SANS },
    grid: { left: 4, right: 12, top: 14, bottom: 2, containLabel: true },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: palette.raised,
      borderColor: palette.edge,
      textStyle: { color: palette.ink, fontSize: 12.5, fontFamily: SANS },
      axisPointer: { type: "shadow" },
      formatter: ([{ dataIndex }]: readonly [{ dataIndex: number }]) => {
        const bucket = buckets[dataIndex];
        return bucket ? `${milliseconds(bucket.from)} – ${milliseconds(bucket.to)}: <b>${count(bucket.count)}</b> ${searches}` : "";
      },
    },
    xAxis: {
      type: "category",
      data: buckets.map(({ to }) => `≤ ${milliseconds(to)}`),
      axisLine: { lineStyle: { color: palette.edge } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true },
    },
    yAxis: { type: "value", minInterval: 1, axisLabel: { ...text, formatter: count }, splitLine: { lineStyle: { color: palette.line } }, splitNumber: 4 },
    series: [{ type: "bar", data: buckets.map((bucket) => bucket.count), color: palette.series[1], barCategoryGap: "12%", itemStyle: { borderRadius: [3, 3, 0, 0] } }],
  };
}
