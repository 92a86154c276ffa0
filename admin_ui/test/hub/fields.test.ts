import { expect, it } from "vitest";
import { amount, amounts, fieldsOf, lines, text, word } from "../../src/hub/fields";

it("a field is what it should be, or unknown", () => {
  expect([amount(1.5), amount(0), amount("1"), amount(Number.NaN), amount(null)]).toEqual([1.5, 0, null, null, null]);
  expect([text("a"), text(""), text(1), text(undefined)]).toEqual(["a", null, null, null]);
  expect([amounts([1, "2", 3]), amounts("1"), lines(["a", 1]), lines(null)]).toEqual([[1, 3], [], ["a"], []]);
  expect([word("on", ["on", "off"]), word("no", ["on", "off"])]).toEqual(["on", null]);
});

it("data that isn't an object has no fields", () => {
  const of = (data: unknown) => fieldsOf<"slow_query">({ type: "slow_query", channel: "c", data, timestamp: "" }).query;
  expect([of({ query: "SELECT 1" }), of(null), of("x"), of([1])]).toEqual(["SELECT 1", undefined, undefined, undefined]);
});
