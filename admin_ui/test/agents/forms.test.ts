import { expect, it } from "vitest";
import { changesIn, enteredOf, FIELDS, isName, NEW } from "../../src/pages/agents/form";
import { queryOf } from "../../src/pages/agents/memories";

it("a name is what may stand behind an @", () => {
  for (const name of ["coder", "жук-2", "a_b", "码农", " x "]) expect(isName(name), name).toBe(true);
  for (const name of ["", "-a", "a b", "a.b", "@a", "x".repeat(65), "<b>"]) expect(isName(name), name).toBe(false);
});

it("only what is another goes to the hub", () => {
  expect(changesIn(NEW.config, { ...NEW.config, recall: 7, fallback_models: ["a/b"] })).toEqual({ recall: 7, fallback_models: ["a/b"] });
  expect(changesIn({ ...NEW.config, temperature: 1 }, { ...NEW.config, temperature: null })).toEqual({ temperature: null });
  expect(changesIn(NEW.config, { ...NEW.config })).toEqual({});
});

it("what the hub leaves out has its default", () => expect(enteredOf({ name: "a", config: { recall: 0 } }).config).toEqual({ ...NEW.config, recall: 0 }));

it("each field is named as the hub does", () => expect(FIELDS).toEqual(expect.arrayContaining(["name", "config.instructions", "config.max_tokens"])));

it("memories are asked for as they are filtered", () => {
  const none = { q: " ", kind: "", pinned: "", span: "" };
  expect(queryOf(none)).toEqual({});
  const now = Date.parse("2026-03-08T10:00:59Z");
  expect(queryOf({ q: " owl ", kind: "fact", pinned: "yes", span: "week" }, now)).toEqual({ q: "owl", kind: "fact", pinned: true, since: "2026-03-01T10:00:00.000Z" });
});
