import { describe, expect, it } from "vitest";
import type { Publication } from "tocsin-client";
import { agentsOf, changesOf, found, reasonsOf, shares, together, TYPES } from "../../src/pages/memory/changes";

let offset = 0;
const told = (type: string, data: unknown, at = 0): Publication => ({ type, channel: "user:alice", data, timestamp: new Date(at).toISOString(), epoch: "e", offset: ++offset });

const DAY = changesOf([
  told("memory_created", { owner: "alice", memory_id: "m-1", kind: "fact", summary: "Reports on Monday", agent: "planner" }, 1),
  told("memory_changed", { owner: "alice", memory_id: "m-1", kind: "fact", summary: "Reports on Tuesday", agent: "planner", changed: ["summary"] }, 2),
  told("memory_created", { owner: "alice", memory_id: "m-2", kind: "preference", summary: "<b>dark</b>" }, 3),
  told("memory_pruned", { owner: "alice", count: 250, reason: "over the limit", memory_ids: ["m-9"], agent: "keeper" }, 4),
  told("memory_deleted", { owner: "alice", memory_id: "m-1", agent: "planner", reason: "asked for" }, 5),
  told("memory_counts", { seconds: 10, created: 2, changed: 1, pruned: 250, deleted: 1 }, 6),
  told("memory_pruned", { owner: "alice", count: 3, reason: "over the limit" }, 7),
]);

describe("changes", () => {
  it("are newest first, and say what they are about", () => {
    expect(DAY.map(({ type, count, agent }) => [type.slice(7), count, agent])).toEqual([
      ["pruned", 3, undefined], ["counts", 1, undefined], ["deleted", 1, "planner"], ["pruned", 250, "keeper"], ["created", 1, undefined], ["changed", 1, "planner"], ["created", 1, "planner"],
    ]);
  });

  it("come from several channels, and all that came counts, kept or not", () => {
    const [one, two] = [told("memory_counts", {}), told("memory_created", {})];
    expect(together([{ publications: [one], received: 700 }, { publications: [two], received: 1 }])).toEqual({ publications: [one, two], received: 701 });
  });

  it("are found by their sort, their agent, and any word of theirs", () => {
    const texts = (filter: Partial<Parameters<typeof found>[1]>) => found(DAY, { type: "", agent: "", text: "", ...filter }).map(({ text }) => text);
    expect(texts({ type: "memory_created" })).toEqual(["<b>dark</b>", "Reports on Monday"]);
    expect(texts({ agent: "planner", text: " REPORTS" })).toEqual(["Reports on Tuesday", "Reports on Monday"]);
    expect(texts({ text: "preference" })).toEqual(["<b>dark</b>"]);
    expect(texts({ text: "nowhere" })).toEqual([]);
    expect(agentsOf(DAY)).toEqual(["keeper", "planner"]);
  });

  it("are counted by agent and by kind, which a deleted memory has from its beginning", () => {
    expect(shares(DAY, "agent")).toEqual([
      { name: "keeper", created: 0, changed: 0, forgotten: 250 },
      { name: undefined, created: 1, changed: 0, forgotten: 3 },
      { name: "planner", created: 1, changed: 1, forgotten: 1 },
    ]);
    expect(shares(DAY, "kind")).toContainEqual({ name: "fact", created: 1, changed: 1, forgotten: 1 });
  });

  it("say why memories went", () => {
    expect(reasonsOf(DAY)).toEqual([{ reason: "over the limit", memories: 253, at: 7 }, { reason: "asked for", memories: 1, at: 5 }]);
  });

  it("survive data of any shape", () => {
    for (const type of TYPES) for (const data of [null, 3, "text", [], { count: "many", agent: {} }]) expect(() => shares(changesOf([told(type, data)]), "kind")).not.toThrow();
    expect(changesOf([told("other", {}), told("memory_created", null)])).toEqual([]);
  });
});
