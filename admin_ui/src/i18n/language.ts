import i18next, { type BackendModule } from "i18next";
import { useSyncExternalStore } from "react";
import { initReactI18next } from "react-i18next";
import { keep, kept } from "../storage";

export const LANGUAGES = { en: "English", ru: "Русский", zh: "中文" } as const;

export type Language = keyof typeof LANGUAGES;

const KEY = "tocsin.language";
const texts = import.meta.glob<{ default: Record<string, unknown> }>("../locales/*/*.json");

/** Texts come when they are needed: a page's with the page, a language's when it is chosen. */
const backend: BackendModule = {
  type: "backend",
  init() {},
  read(language, namespace, done) {
    const load = texts[`../locales/${language}/${namespace}.json`];
    if (!load) return done(new Error(`no texts of ${namespace} in ${language}`), null);
    load().then((module) => done(null, module.default), (error: unknown) => done(error as Error, null));
  },
};

const isLanguage = (name: string | null | undefined): name is Language => name != null && name in LANGUAGES;

/** The language that was chosen here, else the first of the browser's that there is, else English. */
function preferred(): Language {
  const chosen = kept(KEY);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage) ?? "en";
}

/** Loads the texts that every page has. Call once, before anything is shown. */
export async function startLanguages(language: Language = preferred()): Promise<void> {
  i18next.on("languageChanged", (name) => (document.documentElement.lang = name));
  await i18next.use(backend).use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    ns: ["common"],
    defaultNS: "common",
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: true },
    returnNull: false,
  });
}

export async function chooseLanguage(language: Language): Promise<void> {
  keep(KEY, language);
  await i18next.changeLanguage(language);
}

/** The language that is shown. */
export const useLanguage = (): Language =>
  useSyncExternalStore(
    (changed) => {
      i18next.on("languageChanged", changed);
      return () => i18next.off("languageChanged", changed);
    },
    () => (isLanguage(i18next.resolvedLanguage) ? i18next.resolvedLanguage : "en"),
  );
