import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "../format";
import { SANS, type Palette } from "../theme/palette";
import { Chart } from "./Chart";
import { Nothing } from "./Nothing";

export interface Line {
  readonly name: string;
  /** Milliseconds since 1970 and a value; `null` is a hole. Oldest first. */
  readonly points: readonly (readonly [number, number | null])[];
  /** Place in the palette's series; by order unless told. */
  readonly colour?: number;
  readonly area?: boolean;
  /** Of which stack it is a part. */
  readonly stack?: string;
  /** Keeps its value until the next point, as sizes and limits do. */
  readonly step?: boolean;
  readonly dashed?: boolean;
}

export interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Empty for a line without a word. */
  readonly text: string;
  readonly tone?: "accent" | "bad" | "warn" | "good";
}

interface TimeChartProps {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly height?: number;
  /** How a value reads, unit included. */
  readonly format: (value: number) => string;
  /** Upright lines with a word, such as a resize or a restart. */
  readonly marks?: readonly Mark[];
  /** Milliseconds since 1970 that the axis begins and ends at; unless told, those of the points. */
  readonly range?: readonly [number, number];
  /** Upper end of the axis at least. */
  readonly most?: number;
}

/** Lines over time. Says so when there is nothing yet. */
export function TimeChart({ label, lines, height = 220, format, marks = [], range, most }: TimeChartProps) {
  const { t } = useTranslation();
  const option = useCallback(
    (palette: Palette) => optionOf(lines, marks, format, palette, range, most),
    [lines, marks, format, range, most],
  );
  if (!lines.some(({ points }) => points.length > 0)) return <Nothing height={height}>{t("chart.nothing")}</Nothing>;
  return <Chart label={label} height={height} option={option} />;
}

function optionOf(
  lines: readonly Line[],
  marks: readonly Mark[],
  format: (value: number) => string,
  palette: Palette,
  range: readonly [number, number] | undefined,
  most: number | undefined,
) {
  const text = { color: palette.soft, fontFamily: SANS, fontSize: 11.5 };
  const many = lines.length > 1;
  return {
    animation: false,
    textStyle: { fontFamily: SANS },
    grid: { left: 4, right: 22, top: many ? 34 : 14, bottom: 2, containLabel: true },
    legend: many ? { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: text, type: "scroll" } : undefined,
    tooltip: tooltipOf(palette, format),
    xAxis: {
      type: "time",
      splitNumber: 4,
      min: range?.[0],
      max: range?.[1],
      axisLine: { lineStyle: { color: palette.edge } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, formatter: { hour: "{HH}:{mm}", minute: "{HH}:{mm}", second: "{HH}:{mm}:{ss}" } },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: ({ min }: { min: number }) => Math.min(0, min),
      max: most === undefined ? undefined : ({ max }: { max: number }) => Math.max(max, most),
      axisLabel: { ...text, formatter: format, hideOverlap: true },
      splitLine: { lineStyle: { color: palette.line } },
      splitNumber: 4,
    },
    series: lines.map((line, at) => seriesOf(line, line.colour ?? at, palette, at === 0 ? marks : [])),
  };
}

/** Whether a value stands between holes, so that no line shows it. */
const isAlone = (points: Line["points"], at: number): boolean => points[at]?.[1] != null && points[at - 1]?.[1] == null && points[at + 1]?.[1] == null;

function seriesOf(line: Line, at: number, palette: Palette, marks: readonly Mark[]) {
  const colour = palette.series[at % palette.series.length];
  return {
    type: "line",
    name: line.name,
    data: line.points.map((point, at) => (isAlone(line.points, at) ? { value: point, symbol: "circle" } : point)),
    color: colour,
    symbol: "none",
    symbolSize: 5,
    sampling: "lttb",
    step: line.step ? "end" : undefined,
    stack: line.stack,
    lineStyle: { width: 1.75, type: line.dashed ? "dashed" : "solid" },
    areaStyle: line.area || line.stack ? { opacity: line.stack ? 0.3 : 0.12 } : undefined,
    emphasis: { disabled: true },
    markLine: marks.length
      ? {
          symbol: "none",
          silent: true,
          animation: false,
          data: marks.map(({ at: xAxis, text, tone = "accent" }) => ({
            xAxis,
            lineStyle: { color: palette[tone], type: "dashed", width: 1 },
            label: { show: text !== "", formatter: text, color: palette[tone], fontSize: 11, position: "insideEndTop" },
          })),
        }
      : undefined,
  };
}

/** The box under the pointer. Its text is set as text: what a field holds stays inert. */
export function tooltipOf(palette: Palette, format: (value: number) => string) {
  return {
    trigger: "axis",
    confine: true,
    renderMode: "html",
    backgroundColor: palette.raised,
    borderColor: palette.edge,
    padding: [8, 10],
    textStyle: { color: palette.ink, fontSize: 12.5, fontFamily: SANS },
    axisPointer: { type: "line", lineStyle: { color: palette.edge } },
    formatter: (points: readonly { seriesName?: string; value: readonly [number, number | null]; color: string }[]) => {
      const box = document.createElement("div");
      const head = document.createElement("div");
      head.textContent = points[0] ? clock(points[0].value[0]) : "";
      head.style.color = palette.soft;
      box.append(head);
      for (const { seriesName = "", value, color } of points) {
        const line = document.createElement("div");
        const dot = document.createElement("span");
        dot.style.cssText = `display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:7px;background:${color}`;
        const name = document.createElement("span");
        name.textContent = `${seriesName}  `;
        const number = document.createElement("b");
        number.textContent = value[1] === null ? "–" : format(value[1]);
        line.append(dot, name, number);
        box.append(line);
      }
      return box;
    },
  };
}
