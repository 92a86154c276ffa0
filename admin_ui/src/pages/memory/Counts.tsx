import { Alert } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Stat, Stats, type Tone } from "../../components/Stat";
import { TimeChart, type Line } from "../../components/TimeChart";
import { count, seconds } from "../../format";
import type { FeedState } from "tocsin-client/feed";
import { errorText } from "../../hub/errors";
import { binsOf, growth, growthOf, SORTS, sumOf, type Counted, type Sort } from "./counts";

interface CountsProps {
  readonly feed: FeedState;
  readonly counted: readonly Counted[];
  /** Milliseconds since 1970. */
  readonly range: readonly [number, number];
}

const HEIGHT = 200;
const COLOURS: Readonly<Record<Sort, number>> = { created: 2, changed: 1, pruned: 4, deleted: 0 };

/** How many memories of all owners changed, and how many there are more or fewer. */
export function Counts({ feed, counted, range }: CountsProps) {
  const { t } = useTranslation("memory");
  const { t: common } = useTranslation();
  const bins = useMemo(() => binsOf(counted, range), [counted, range]);
  const lines = useMemo(
    () => SORTS.map((sort): Line => ({ name: t(`sort.${sort}`), colour: COLOURS[sort], step: true, points: counted.length ? bins.map((bin) => [bin.at, bin[sort]] as const) : [] })),
    [bins, counted, t],
  );
  const grown = useMemo((): readonly Line[] => [{ name: t("growth.line"), colour: 2, area: true, step: true, points: growth(counted, range) }], [counted, range, t]);
  if (feed.error) return <Alert type="error" showIcon message={t("counts.closed")} description={errorText(feed.error, common)} />;
  const loading = feed.state === "pending" && !counted.length;
  const net = counted.reduce((sum, one) => sum + growthOf(one), 0);
  const lasting = seconds(Math.round((range[1] - range[0]) / 60_000) * 60);
  const whole = (value: number) => (Number.isInteger(value) ? count(value) : "");
  return (
    <>
      {feed.gaps.length > 0 && <Alert type="warning" showIcon closable message={common("live.gap")} />}
      <div data-testid="counts">
        <Stats>
          {SORTS.map((sort) => (
            <Stat key={sort} label={t(`sort.${sort}`)} about={t(`sort.about.${sort}`)} value={loading ? undefined : count(sumOf(counted, sort))} note={t("counts.in", { time: lasting })} line={bins.map((bin) => bin[sort])} />
          ))}
          <Stat label={t("growth.title")} about={t("growth.about")} value={loading ? undefined : signed(net)} tone={toneOf(net)} note={t("counts.in", { time: lasting })} line={growth(counted, range).map(([, value]) => value)} />
        </Stats>
      </div>
      <Row min={380}>
        <Panel title={t("counts.title")} note={t("counts.note", { time: seconds(Math.max(1, Math.round((range[1] - range[0]) / bins.length / 1000))) })}>
          <TimeChart label={t("counts.title")} lines={lines} range={range} height={HEIGHT} format={whole} />
        </Panel>
        <Panel title={t("growth.title")} note={t("growth.note")}>
          <TimeChart label={t("growth.title")} lines={grown} range={range} height={HEIGHT} format={whole} />
        </Panel>
      </Row>
    </>
  );
}

const signed = (value: number): string => (value > 0 ? `+${count(value)}` : value < 0 ? `−${count(-value)}` : count(0));

const toneOf = (net: number): Tone => (net > 0 ? "good" : "plain");
