import type { Gap, Publication } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { hasRounded, isGap, linesOf, missingIn, replacedIn, withTypes, type Line } from "../../src/pages/channels/live/stream";

const said = (offset: number, more: Partial<Publication> = {}): Publication => ({
  type: "tick", channel: "deploys", data: { n: offset }, timestamp: "2026-11-21T10:00:00Z", epoch: "e", offset, ...more,
});

const gap = (from: number, to: number): Gap => ({ channel: "deploys", reason: "jump", from: { epoch: "e", offset: from }, to: { epoch: "e", offset: to } });
const ALL = { words: "", types: [] };
const told = (lines: readonly Line[]) => lines.map((line) => (isGap(line) ? "gap" : line.offset));

describe("the lines of a channel", () => {
  it("have a gap where something is missing, also when what follows isn't shown", () => {
    const publications = [said(1), said(5, { gap: gap(1, 4), type: "other" })];
    expect(told(linesOf(publications, ALL))).toEqual([1, "gap", 5]);
    expect(told(linesOf(publications, { words: "", types: ["tick"] }))).toEqual([1, "gap"]);
  });

  it("end with a gap that nothing came after yet, once", () => {
    const open = gap(1, 9);
    expect(told(linesOf([said(1)], ALL, [open]))).toEqual([1, "gap"]);
    expect(told(linesOf([said(1), said(10, { gap: open })], ALL, [open]))).toEqual([1, "gap", 10]);
    expect(told(linesOf([said(40), said(41)], ALL, [open]))).toEqual([40, 41]);
  });

  it("are found by type, and by words in type, key and data of any case", () => {
    const publications = [said(1, { data: { city: "Bern" } }), said(2, { key: "BERN" }), said(3, { type: "bernese" }), said(4)];
    expect(told(linesOf(publications, { words: " bern ", types: [] }))).toEqual([1, 2, 3]);
    expect(told(linesOf(publications, { words: "bern", types: ["tick"] }))).toEqual([1, 2]);
  });

  it("tell which messages a later one with the same key has replaced", () => {
    const publications = [said(1, { key: "a" }), said(2, { key: "b" }), said(3, { key: "a" }), said(4)];
    expect([...replacedIn(publications)].map(({ offset }) => offset)).toEqual([1]);
  });
});

describe("the types for the filter", () => {
  it("are looked for in what is new, and stay the same array without a new one", () => {
    const known = ["tick"];
    expect(withTypes(known, [said(1, { type: "old" }), said(2)], 1)).toBe(known);
    expect(withTypes(known, [said(1), said(2, { type: "alert" })], 1)).toEqual(["alert", "tick"]);
  });
});

describe("what a gap holds", () => {
  it("is counted within one epoch, and unknown otherwise", () => {
    expect(missingIn(gap(3, 7))).toBe(4);
    expect(missingIn({ channel: "deploys", reason: "unrecovered", from: { epoch: "a", offset: 3 }, to: { epoch: "b", offset: 9 } })).toBeUndefined();
  });
});

describe("numbers", () => {
  it("that a browser rounded are noticed, however deep", () => {
    expect(hasRounded({ a: [{ id: Number("12345678901234567890") }] })).toBe(true);
    expect(hasRounded({ a: [9007199254740991, 1.5, "12345678901234567890", null] })).toBe(false);
  });
});
