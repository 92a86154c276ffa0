/** Every colour of the product, once: Ant Design's tokens, CSS variables and charts are made of these. */

export type Mode = "light" | "dark";

export interface Palette {
  readonly ground: string;
  readonly surface: string;
  readonly raised: string;
  readonly sunk: string;
  readonly hover: string;
  readonly line: string;
  readonly edge: string;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly accent: string;
  readonly accentGround: string;
  readonly good: string;
  readonly goodGround: string;
  readonly warn: string;
  readonly warnGround: string;
  readonly bad: string;
  readonly badGround: string;
  readonly info: string;
  readonly infoGround: string;
  /** Lines of charts, in their order: told apart also by eyes that don't see red or green. */
  readonly series: readonly string[];
}

const LIGHT: Palette = {
  ground: "#f7f6f3",
  surface: "#ffffff",
  raised: "#ffffff",
  sunk: "#f3f2ee",
  hover: "#f1efea",
  line: "#e5e3dd",
  edge: "#cfccc4",
  ink: "#1c1a17",
  soft: "#5b574f",
  faint: "#6f6a60",
  accent: "#b84716",
  accentGround: "#fbeee6",
  good: "#177245",
  goodGround: "#e6f4ec",
  warn: "#8f5a00",
  warnGround: "#fdf3dd",
  bad: "#b3261e",
  badGround: "#fdecea",
  info: "#2a63c8",
  infoGround: "#e9f0fd",
  series: ["#b84716", "#2a63c8", "#0b7f78", "#8a5bc9", "#a2720a", "#c23a7a", "#5d6b7a", "#3f7d20"],
};

const DARK: Palette = {
  ground: "#141312",
  surface: "#1b1a18",
  raised: "#242220",
  sunk: "#161513",
  hover: "#262421",
  line: "#2d2b28",
  edge: "#45423d",
  ink: "#edebe6",
  soft: "#b3aea4",
  faint: "#969085",
  accent: "#f0834b",
  accentGround: "#33211a",
  good: "#57c78a",
  goodGround: "#16261d",
  warn: "#e6b04a",
  warnGround: "#2a2213",
  bad: "#ff8a7d",
  badGround: "#2e1a18",
  info: "#7fabff",
  infoGround: "#182338",
  series: ["#f0834b", "#7fabff", "#3fc2b8", "#c2a0f5", "#e0b23c", "#f08bb8", "#a3b1c2", "#93c96f"],
};

export const PALETTES: Readonly<Record<Mode, Palette>> = { light: LIGHT, dark: DARK };

export const MONO =
  'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const SANS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';

/** Gives CSS the palette, as `--ink` and so on. */
export const asVariables = ({ series, ...colours }: Palette): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(colours).map(([name, value]) => [`--${name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`, value]),
  ),
  ...Object.fromEntries(series.map((value, at) => [`--series-${at + 1}`, value])),
});
