import { describe, expect, it } from "vitest";
import { advanced } from "../../src/pages/channels/list/rates";
import { counted, isName, kindOf, rowsOf, viewed, type ChannelState, type View } from "../../src/pages/channels/list/rows";

const state = (channel: string, subscribers = 0): ChannelState => ({
  channel,
  subscribers,
  options: {
    history_size: 100, history_age: 300, recover: true, conflate: "", has_schema: false, subscribe: "everyone",
    publish: "token", history: "everyone", presence: "everyone", max_rate: 0, max_bytes: 0,
  },
});

const ALL: View = { words: "", kind: "all", sort: undefined, descending: false };
const names = (rows: readonly { channel: string }[]) => rows.map(({ channel }) => channel);
const rows = rowsOf([state("deploys", 2), state("audit", 9)], { deploys: 2, "room:ops": 5, "user:ann": 1 });

describe("the list of channels", () => {
  it("has the named ones in their order, then those that only have subscribers", () => {
    expect(names(rows)).toEqual(["deploys", "audit", "room:ops", "user:ann"]);
    expect(Object.fromEntries(counted(rows))).toEqual({ named: 2, room: 1, user: 1 });
  });

  it("tells kinds by the prefix; a name with a colon of its own is a named one", () => {
    expect(["room:a:b", "room:", "named:x", "job:1", "team:x", "deploys"].map(kindOf)).toEqual(["room", "named", "named", "job", "named", "named"]);
  });

  it("is searched and filtered", () => {
    expect(names(viewed(rows, { ...ALL, words: " OP " }, new Map()))).toEqual(["room:ops"]);
    expect(names(viewed(rows, { ...ALL, kind: "user" }, new Map()))).toEqual(["user:ann"]);
  });

  it("is sorted; what isn't known comes last both ways", () => {
    expect(names(viewed(rows, { ...ALL, sort: "channel", descending: true }, new Map()))).toEqual(["user:ann", "room:ops", "deploys", "audit"]);
    expect(names(viewed(rows, { ...ALL, sort: "subscribers", descending: true }, new Map()))).toEqual(["audit", "room:ops", "deploys", "user:ann"]);
    const reading = (channel: string, at: number, offset: number) => ({ channel, at, epoch: "e", offset });
    const before = advanced(new Map(), [reading("deploys", 0, 1), reading("audit", 0, 1)]);
    const paces = advanced(before, [reading("deploys", 1000, 9), reading("audit", 1000, 2)]);
    expect(names(viewed(rows, { ...ALL, sort: "rate", descending: true }, paces)).slice(0, 2)).toEqual(["deploys", "audit"]);
    expect(names(viewed(rows, { ...ALL, sort: "rate" }, paces)).slice(0, 2)).toEqual(["audit", "deploys"]);
  });

  it("takes ten thousand channels", () => {
    const many = rowsOf([], Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`session:${n}`, n % 97])));
    expect(viewed(many, { ...ALL, words: "99", sort: "subscribers", descending: true }, new Map())[0]?.subscribers).toBe(96);
  });

  it("knows what the hub takes for a name", () => {
    expect(["room:ops", "a".repeat(128), "a b", "", "a".repeat(129), "ü"].map(isName)).toEqual([true, true, false, false, false, false]);
  });
});
