import { describe, expect, it } from "vitest";
import type { Publication } from "tocsin-client";
import { happeningOf, happeningOfTurning, inOrder, TYPES } from "../../src/pages/overview/happenings";

let offset = 0;
const told = (type: string, data: unknown, at = 0): Publication => ({ type, channel: "c", data, timestamp: new Date(at).toISOString(), epoch: "e", offset: ++offset });
const kind = (type: string, data: unknown) => happeningOf(told(type, data))?.kind;

describe("what is worth telling", () => {
  it.each([
    ["alert", { status: "firing", severity: "critical", summary: "s", name: "n" }, "alertFired"],
    ["alert", { status: "firing", summary: "s", repetition: 2 }, undefined],
    ["alert", { status: "resolved", summary: "s" }, "alertResolved"],
    ["pool_resized", { old_size: 2, new_size: 4 }, "poolResized"],
    ["error_blocked", { operation: "deploy", error_type: "E" }, "blocked"],
    ["error_passed", { operation: "deploy" }, undefined],
    ["stage_update", { stage: "3/14", status: "done" }, undefined],
    ["stage_update", { stage: "complete", status: "completed", trained: 3 }, "trained"],
    ["stage_update", { stage: "error", status: "failed", log: "no disk" }, "trainingFailed"],
    ["stage_update", { stage: "error", status: "cancelled" }, "trainingCancelled"],
    ["analysis_failed", { repository: "r", reason: "no git" }, "analysisFailed"],
    ["build_status", { status: "success", project: "p" }, undefined],
    ["build_status", { status: "failure", project: "p" }, "buildFailed"],
    ["search_failed", { collection: "c", status: "cancelled" }, undefined],
  ])("%s %j is %s", (type, data, expected) => expect(kind(type, data)).toBe(expected));

  it("survives data of any shape, and shows a dash for what isn't there", () => {
    for (const type of TYPES) for (const data of [null, 7, "text", [], {}, { severity: "constructor", name: {}, pool: [] }]) expect(() => happeningOf(told(type, data))).not.toThrow();
    expect(happeningOf(told("alert", { summary: { a: 1 } }))?.values).toEqual({ what: "–" });
  });
});

describe("the list", () => {
  const resized = (at: number, to: number) => [happeningOf(told("pool_resized", { old_size: 1, new_size: to }, at))].flatMap((one) => one ?? []);

  it("has the newest first, and nothing older than asked for", () => {
    const turned = happeningOfTurning({ at: 5_000, turn: "ended", nodes: ["n1", "n2"] });
    const blocked = [9_000, 500].flatMap((at) => happeningOf(told("error_blocked", { operation: `o${at}` }, at)) ?? []);
    expect(inOrder([...blocked, turned], 1_000).map(({ kind, at, values }) => [kind, at, values["count"]])).toEqual([["blocked", 9_000, undefined], ["ended", 5_000, 2]]);
  });

  it("says the same thing once, with the newest numbers, until it is news again", () => {
    const lines = inOrder([...resized(1_000, 5), ...resized(900_000, 6), ...resized(901_000, 7), ...resized(902_000, 8)], 0);
    expect(lines.map(({ at, times, values }) => [at, times, values["to"]])).toEqual([[902_000, 3, 8], [1_000, 1, 5]]);
  });
});
