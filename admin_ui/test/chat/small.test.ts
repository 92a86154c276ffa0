import { expect, it } from "vitest";
import { parted } from "../../src/pages/chat/citations";
import { highlighted } from "../../src/pages/chat/highlight";
import { unseen, type Outgoing } from "../../src/pages/chat/outgoing";
import { message } from "./kit";

it("the numbers of citations are told apart from other numbers", () => {
  expect(parted("See [1], [9] and [2].", [1, 2])).toEqual(["See ", 1, ", [9] and ", 2, "."]);
  expect(parted("[1][1]", [1])).toEqual([1, 1]);
  expect(parted("none", [1])).toEqual(["none"]);
});

it("code has its parts, and all of its text", () => {
  const pieces = highlighted('def a(): return "<b>"', "python");
  const flat = (some: typeof pieces): string => (some ?? []).map((one) => (typeof one === "string" ? one : flat(one.pieces))).join("");
  expect(flat(pieces)).toBe('def a(): return "<b>"');
  expect(JSON.stringify(pieces)).toContain('"keyword"');
  expect(highlighted("x", "klingon")).toBeUndefined();
});

const out = (key: string, content: string, given: Partial<Outgoing> = {}): Outgoing => ({ key, content, target: undefined, policy: "queue", after: 3, ...given });

it("a message of one's own is shown until the hub's own takes its place", () => {
  expect(unseen([out("a", "hi")], [message(2, { content: "hi" })])).toHaveLength(1); // an older one
  expect(unseen([out("a", "hi")], [message(4, { content: "hi", role: "assistant" })])).toHaveLength(1);
  expect(unseen([out("a", "hi ")], [message(4, { content: "hi" })])).toEqual([]);
});

it("of two that are the same, one message takes the place of one", () => {
  expect(unseen([out("a", "hi"), out("b", "hi")], [message(4, { content: "hi" })]).map(({ key }) => key)).toEqual(["b"]);
});

it("what didn't arrive stays", () => expect(unseen([out("a", "hi", { error: new Error("no") })], [message(4, { content: "hi" })])).toHaveLength(1));
