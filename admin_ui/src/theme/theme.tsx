import { App, ConfigProvider } from "antd";
import enUS from "antd/es/locale/en_US";
import ruRU from "antd/es/locale/ru_RU";
import zhCN from "antd/es/locale/zh_CN";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage, type Language } from "../i18n/language";
import { keep, kept } from "../storage";
import { antTheme } from "./antd";
import { asVariables, PALETTES, type Mode, type Palette } from "./palette";

/** `system` follows the machine. */
export type Choice = Mode | "system";

interface Theme {
  readonly choice: Choice;
  readonly mode: Mode;
  readonly palette: Palette;
  choose(choice: Choice): void;
}

const KEY = "tocsin.theme";
const LOCALES: Readonly<Record<Language, typeof enUS>> = { en: enUS, ru: ruRU, zh: zhCN };
const Context = createContext<Theme | undefined>(undefined);

/** The colours that are shown, and how to change them. */
export function useTheme(): Theme {
  const theme = useContext(Context);
  if (!theme) throw new Error("useTheme() expects a <ThemeProvider> above");
  return theme;
}

/** Paints everything below, in the mode that was chosen or that the machine is in. */
export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [choice, setChoice] = useState<Choice>(() => known(kept(KEY)));
  const system = useMedia("(prefers-color-scheme: dark)") ? "dark" : "light";
  const still = useMedia("(prefers-reduced-motion: reduce)");
  const language = useLanguage();
  const mode = choice === "system" ? system : choice;
  const config = useMemo(() => antTheme(mode, !still), [mode, still]);
  useEffect(() => paint(mode), [mode]);
  const theme = useMemo<Theme>(
    () => ({
      choice,
      mode,
      palette: PALETTES[mode],
      choose: (next) => {
        keep(KEY, next);
        setChoice(next);
      },
    }),
    [choice, mode],
  );
  return (
    <Context.Provider value={theme}>
      <ConfigProvider theme={config} locale={LOCALES[language]} componentSize="middle">
        <App>{children}</App>
      </ConfigProvider>
    </Context.Provider>
  );
}

const known = (value: string | null): Choice => (value === "light" || value === "dark" ? value : "system");

function paint(mode: Mode): void {
  const { style, dataset } = document.documentElement;
  for (const [name, value] of Object.entries(asVariables(PALETTES[mode]))) style.setProperty(name, value);
  style.colorScheme = mode;
  dataset["theme"] = mode;
}

function useMedia(condition: string): boolean {
  const query = useMemo(() => matchMedia(condition), [condition]);
  const [matches, setMatches] = useState(query.matches);
  useEffect(() => {
    const changed = () => setMatches(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return matches;
}
