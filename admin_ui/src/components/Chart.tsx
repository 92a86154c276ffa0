import type { EChartsCoreOption, ECharts } from "echarts/core";
import { useEffect, useRef } from "react";
import { useTheme } from "../theme/theme";
import type { Palette } from "../theme/palette";
import styles from "./Chart.module.css";

interface ChartProps {
  /** What it shows, for who can't see it. */
  readonly label: string;
  /** Pixels. */
  readonly height?: number;
  /** Made anew whenever the data or the colours change. */
  readonly option: (palette: Palette) => EChartsCoreOption;
}

/** Milliseconds between two drawings: more often nobody reads a chart, however fast its numbers come. */
const PACE = 250;

/** Milliseconds after which the library is asked for again when it couldn't be had. */
const AGAIN = 2_000;

/** A chart of ECharts, which comes with the first chart that is shown. Drawn at most four times a second, and only while it is in view. */
export function Chart({ label, height = 220, option }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawing>();
  const { palette } = useTheme();
  useEffect(() => {
    if (!place.current) return;
    const drawing = new Drawing(place.current);
    drawn.current = drawing;
    return () => drawing.end();
  }, []);
  useEffect(() => drawn.current?.show(option(palette)), [option, palette]);
  return <div ref={place} className={styles["chart"]} style={{ height }} role="img" aria-label={label} />;
}

class Drawing {
  #chart: ECharts | undefined;
  #next: EChartsCoreOption | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #visible = false;
  #ended = false;
  readonly #seen = new IntersectionObserver(([entry]) => {
    this.#visible = entry?.isIntersecting ?? false;
    this.#plan();
  });
  readonly #sized = new ResizeObserver(() => this.#chart?.resize());

  constructor(place: HTMLElement) {
    this.#seen.observe(place);
    this.#sized.observe(place);
    this.#load(place);
  }

  /** The hub may be away just when the first chart is shown. */
  #load(place: HTMLElement): void {
    import("./charts").then(
      ({ init }) => {
        if (this.#ended) return;
        this.#chart = init(place, null, { renderer: "canvas" });
        this.#plan();
      },
      () => this.#ended || setTimeout(() => this.#load(place), AGAIN),
    );
  }

  show(option: EChartsCoreOption): void {
    this.#next = option;
    this.#plan();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#seen.disconnect();
    this.#sized.disconnect();
    this.#chart?.dispose();
  }

  #plan(): void {
    if (!this.#chart || !this.#next || !this.#visible || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, this.#last + PACE - performance.now()));
  }

  #draw(): void {
    this.#timer = undefined;
    if (!this.#next || !this.#visible) return;
    this.#chart?.setOption(this.#next, { notMerge: true, lazyUpdate: true });
    this.#next = undefined;
    this.#last = performance.now();
  }
}
