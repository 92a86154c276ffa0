import { describe, expect, it } from "vitest";
import { newRule, ruleChange, valuesOf } from "../../src/pages/firewall/ruleValues";
import { rule } from "./kit";

describe("a new rule", () => {
  it("has what was given, and nothing of what was left empty", () => {
    const values = { ...valuesOf(), operation: " build ", error_type: "E", predicates: [{ kind: "version", field: "os", value: "<2" } as const] };
    expect(newRule(values)).toEqual({
      operation: "build",
      error_type: "E",
      title: "",
      action: "block",
      predicates: [{ kind: "version", field: "os", argument: "<2" }],
    });
  });

  it("has its solution, its requirement and its end", () => {
    const body = newRule({
      ...valuesOf(),
      solution: " use 17.2 ",
      params: '{"os": "17.2"}',
      resource: "simulators",
      fields: [{ item: "name", call: "params.device " }],
      fail_mode: "closed",
      lifetime: "limited",
      amount: 2,
      unit: "hours",
    });
    expect(body).toMatchObject({
      solution: { text: "use 17.2", params: { os: "17.2" } },
      requirement: { resource: "simulators", fields: { name: "params.device" } },
      fail_mode: "closed",
      seconds: 7_200,
    });
  });
});

describe("a change of a rule", () => {
  const known = rule({ solution: { text: "use 17.2", params: { os: "17.2" } }, requirement: { resource: "r", fields: { a: "b" } }, fail_mode: "open" });

  it("sends nothing of what stays", () => expect(ruleChange(known, valuesOf(known))).toEqual({}));

  it("sends what is another one, and null for what is taken away", () => {
    const values = { ...valuesOf(known), action: "warn" as const, solution: "", resource: " ", fail_mode: "" as const, lifetime: "endless" as const, reason: "why" };
    expect(ruleChange(known, values)).toEqual({ action: "warn", solution: null, requirement: null, fail_mode: null, seconds: null, reason: "why" });
  });

  it("sends a solution whose parameters alone changed", () =>
    expect(ruleChange(known, { ...valuesOf(known), params: "{}" })).toEqual({ solution: { text: "use 17.2", params: {} } }));
});
