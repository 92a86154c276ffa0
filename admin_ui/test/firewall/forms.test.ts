import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";
import document from "../../../docs/openapi.json";
import { objectIn, textOf } from "../../src/pages/firewall/json";
import { type Models, propertyOf, rulesOf } from "../../src/pages/firewall/schemas";
import { bodyOf } from "../../src/pages/firewall/steps";
import { rule } from "./kit";

const models = document.components.schemas as unknown as Models;
const t = ((key: string) => key) as TFunction<"firewall">;

describe("a form's fields", () => {
  it("take what the hub's own description says", () => {
    expect(rulesOf(models, "RuleBody", "operation", t)).toEqual([
      { required: true, whitespace: true, message: "form.required" },
      { max: 200, message: "form.tooLong" },
    ]);
    expect(rulesOf(models, "OverrideBody", "reason", t)[0]).toMatchObject({ required: true });
    expect(rulesOf(models, "ChangeBody", "reason", t)).toEqual([{ max: 1_000, message: "form.tooLong" }]);
    expect(propertyOf(models, "PredicateBody", "kind").enum).toEqual(["equals", "one_of", "range", "version", "regex"]);
    expect(propertyOf(models, "RuleBody", "fail_mode").enum).toEqual(["open", "closed"]);
    expect(propertyOf(models, "RuleBody", "predicates")).toMatchObject({ minItems: 1, maxItems: 20, required: true });
  });

  it("demand nothing before the hub has said it, nor of a part that may be left out", () => {
    expect(rulesOf({}, "RuleBody", "operation", t)).toEqual([]);
    expect(rulesOf(models, "SolutionBody", "text", t, true)).toEqual([{ max: 4_000, message: "form.tooLong" }]);
  });
});

describe("JSON that people type", () => {
  it.each([["", {}], [" \n", {}], ['{"a": [1]}', { a: [1] }], ["[]", undefined], ["1", undefined], ["null", undefined], ["{a}", undefined]])("%j", (text, value) =>
    expect(objectIn(text)).toEqual(value));
  it("is empty for nothing", () => expect([textOf({}), textOf(undefined), textOf({ a: 1 })]).toEqual(["", "", '{\n  "a": 1\n}']));
});

describe("a step", () => {
  const known = rule({ solution: { text: "use 17.2", params: {} } });

  it("sends a solution only when it is another one", () => {
    expect(bodyOf(known, { solution: "use 17.2", params: "", reason: " ", force: false })).toEqual({});
    expect(bodyOf(known, { solution: "use 18", params: '{"os": 18}', reason: " why ", force: true })).toEqual({
      solution: { text: "use 18", params: { os: 18 } },
      reason: "why",
      force: true,
    });
  });
});
