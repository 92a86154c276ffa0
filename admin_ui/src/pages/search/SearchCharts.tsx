import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { TimeChart } from "../../components/TimeChart";
import { measure, milliseconds, seconds } from "../../format";
import { latencyLines, volumeLines, widthIn, type Range } from "./charts";
import { Distribution } from "./Distribution";
import type { Searches } from "./searches";

interface SearchChartsProps {
  readonly searches: Searches;
  readonly range: Range;
}

/** How many searches there were and how long they took. */
export function SearchCharts({ searches, range }: SearchChartsProps) {
  const { t } = useTranslation("search");
  const names = useMemo(() => ({ completed: t("volume.completed"), failed: t("volume.failed"), cancelled: t("volume.cancelled") }), [t]);
  const volume = useMemo(() => volumeLines(searches, range, names), [searches, range, names]);
  const latency = useMemo(() => latencyLines(searches, range), [searches, range]);
  const width = seconds(widthIn(searches, range) / 1_000);
  return (
    <>
      <Panel title={t("latency.title")} note={t("latency.note", { width })}>
        <TimeChart label={t("latency.title")} lines={latency} range={range} format={milliseconds} height={260} />
      </Panel>
      <Row min={380}>
        <Panel title={t("volume.title")} note={t("volume.note", { width })}>
          <TimeChart label={t("volume.title")} lines={volume} range={range} format={measure} height={210} />
        </Panel>
        <Distribution completed={searches.completed} />
      </Row>
    </>
  );
}
