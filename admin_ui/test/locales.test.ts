import { describe, expect, it } from "vitest";

type Texts = { readonly [key: string]: string | Texts };

const files = import.meta.glob<Texts>("../src/locales/*/*.json", { eager: true, import: "default" });
const PLURAL = /_(zero|one|two|few|many|other)$/;

/** The texts of a file by their paths; the forms of one plural are one text. */
function flat(texts: Texts, path = ""): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [key, value] of Object.entries(texts)) {
    const at = path ? `${path}.${key}` : key;
    if (typeof value === "string") found.set(at.replace(PLURAL, ""), [...(found.get(at.replace(PLURAL, "")) ?? []), value]);
    else for (const [inner, several] of flat(value, at)) found.set(inner, [...several]);
  }
  return found;
}

const placeholders = (text: string): string[] => [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name ?? "").sort();

const of = (language: string, page: string) => flat(files[`../src/locales/${language}/${page}.json`] ?? {});
const pages = Object.keys(files).flatMap((path) => /en\/(\w+)\.json$/.exec(path)?.[1] ?? []);

describe.each(["ru", "zh"])("the texts in %s", (language) => {
  it.each(pages)("of %s are all there, and no more", (page) => {
    expect([...of(language, page).keys()].sort()).toEqual([...of("en", page).keys()].sort());
  });

  it.each(pages)("of %s tell what the English ones tell", (page) => {
    for (const [key, several] of of(language, page)) {
      const english = new Set((of("en", page).get(key) ?? []).flatMap(placeholders));
      for (const text of several) expect([...english], `${page}: ${key}`).toEqual(expect.arrayContaining(placeholders(text)));
      expect(several.flatMap(placeholders), `${page}: ${key}`).toEqual(expect.arrayContaining([...english].filter((name) => name !== "count")));
    }
  });

  it("aren't left empty", () => {
    for (const page of pages) for (const [key, several] of of(language, page)) expect(several.join(""), `${page}: ${key}`).not.toBe("");
  });
});

describe("plurals", () => {
  it("have all the forms of their language", () => {
    const forms = { en: ["one", "other"], ru: ["one", "few", "many", "other"], zh: ["other"] };
    for (const [path, texts] of Object.entries(files)) {
      const language = (/locales\/(\w+)\//.exec(path)?.[1] ?? "en") as keyof typeof forms;
      const check = (some: Texts) => {
        const stems = new Set(Object.keys(some).filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, "")));
        for (const stem of stems) {
          const there = forms[language].filter((form) => `${stem}_${form}` in some);
          expect(there, `${path}: ${stem}`).toEqual(forms[language]);
        }
        for (const value of Object.values(some)) if (typeof value !== "string") check(value);
      };
      check(texts);
    }
  });
});
