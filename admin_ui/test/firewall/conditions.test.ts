import { createInstance, type TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import english from "../../src/locales/en/firewall.json";
import { type Draft, inWords, type Predicate, predicateOf, takesCase, UnreadableValue } from "../../src/pages/firewall/conditions";

let t: TFunction<"firewall">;
beforeAll(async () => {
  const texts = createInstance();
  await texts.init({ lng: "en", resources: { en: { firewall: english } }, interpolation: { escapeValue: false } });
  t = texts.getFixedT("en", "firewall") as TFunction<"firewall">;
});

const predicate = (kind: Predicate["kind"], argument: unknown, field = "params.os"): Predicate => ({ kind, field, argument, ignore_case: false });

describe("a condition in words", () => {
  it.each([
    ["equals", "17", "params.os is 17"],
    ["equals", false, "params.os is false"],
    ["one_of", ["a", 1, null], "params.os is one of a, 1, null"],
    ["one_of", [1, 2, 3, 4, 5, 6, 7], "params.os is one of 1, 2, 3, 4, 5 and 2 more"],
    ["range", [1, 2], "params.os is between 1 and 2"],
    ["range", [1, null], "params.os is at least 1"],
    ["range", [null, 0], "params.os is at most 0"],
    ["range", [null, null], "params.os is a number"],
    ["version", ">=17,<17.2", "params.os is version >=17,<17.2"],
    ["regex", "^<b>$", "params.os matches ^<b>$"],
  ] as const)("%s %j", (kind, argument, words) => expect(inWords(predicate(kind, argument), t)).toBe(words));

  it("says when letters count whatever their case", () =>
    expect(inWords({ ...predicate("equals", "A"), ignore_case: true }, t)).toBe("params.os is A, in any case"));
});

describe("a condition out of a form", () => {
  const made = (draft: Partial<Draft> & Pick<Draft, "kind">) => predicateOf({ field: " params.os ", ...draft });

  it("keeps the type that was asked for", () => {
    expect(made({ kind: "equals", type: "text", value: "17" })).toEqual({ kind: "equals", field: "params.os", argument: "17" });
    expect(made({ kind: "equals", type: "number", value: "17" }).argument).toBe(17);
    expect(made({ kind: "equals", type: "boolean", value: "true" }).argument).toBe(true);
    expect(made({ kind: "equals", type: "null", value: "left over" }).argument).toBeNull();
    expect(made({ kind: "one_of", type: "number", values: "1\n\n 2 \n" }).argument).toEqual([1, 2]);
  });

  it("has the shape of its kind, whatever was typed for another one before", () => {
    expect(made({ kind: "range", value: "x", low: 1, high: null }).argument).toEqual([1, null]);
    expect(made({ kind: "version", value: "<2", type: "number" }).argument).toBe("<2");
  });

  it("ignores the case of texts alone", () => {
    expect(made({ kind: "equals", type: "text", value: "A", ignoreCase: true }).ignore_case).toBe(true);
    expect(made({ kind: "equals", type: "number", value: "1", ignoreCase: true })).not.toHaveProperty("ignore_case");
    expect([takesCase({ kind: "regex" }), takesCase({ kind: "version" })]).toEqual([true, false]);
  });

  it("is refused when a value isn't of its type", () => {
    expect(() => made({ kind: "equals", type: "number", value: "many" })).toThrow(UnreadableValue);
    expect(() => made({ kind: "one_of", type: "number", values: "1\n" + " ".repeat(2) + "x" })).toThrow(UnreadableValue);
    expect(() => made({ kind: "equals", type: "boolean", value: "yes" })).toThrow(UnreadableValue);
    expect(() => made({ kind: "equals", type: "number", value: " " })).toThrow(UnreadableValue);
  });
});
