import { describe, expect, it } from "vitest";
import { begunAt, calls, completed, fitting } from "../../src/pages/chat/mentions";

/** A text in which `|` is the caret. */
const at = (text: string) => begunAt(text.replace("|", ""), text.indexOf("|"));

describe("a name is begun", () => {
  it.each([
    ["@|", 0, ""], ["@co|", 0, "co"], ["ask @co|", 4, "co"], ["(@co|", 1, "co"], ["a\n@co|der", 2, "co"], ["@жук|", 0, "жук"], ["@a-b_c|", 0, "a-b_c"], ["«@a|", 1, "a"],
  ])("in %j", (text, start, query) => expect(at(text)).toEqual({ start, query }));

  it.each(["|", "co|", "me@example|", "a.@b|", "/@b|", "@@b|", "@a b|", "`@co|", "```\n@co|", "x `code @co|", "@-a|", "@|co"])("isn't in %j", (text) => {
    expect(at(text)?.query || undefined).toBeUndefined();
  });

  it("again after code was closed", () => {
    expect(at("`x` @co|")).toEqual({ start: 4, query: "co" });
    expect(at("```\n@x\n```\n@co|")).toEqual({ start: 11, query: "co" });
  });
});

it("a chosen name takes the place of what was begun", () => {
  expect(completed("ask @co now", { start: 4, query: "co" }, "coder")).toEqual({ text: "ask @coder now", caret: 11 });
  expect(completed("@", { start: 0, query: "" }, "жук")).toEqual({ text: "@жук ", caret: 5 });
});

it("names that begin so come first", () => {
  const named = ["recoder", "coder", "Writer", "cook"].map((name) => ({ name }));
  expect(fitting(named, "CO").map(({ name }) => name)).toEqual(["coder", "cook", "recoder"]);
  expect(fitting(named, "").length).toBe(4);
  expect(fitting(named, "x")).toEqual([]);
});

it("a text calls somebody, or doesn't", () => {
  for (const text of ["@coder hi", "hi @coder", "(@coder)", "`a` @b", "```\nx\n```\n@b"]) expect(calls(text), text).toBe(true);
  for (const text of ["hi", "me@example.org", "`@coder`", "```\n@coder\n```", "https://x.org/@coder", "@ x", "~~~\n@a"]) expect(calls(text), text).toBe(false);
});
