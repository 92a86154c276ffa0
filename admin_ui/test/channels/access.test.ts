import { describe, expect, it } from "vitest";
import { mayBy } from "../../src/pages/channels/access";
import { after, matching } from "../../src/pages/channels/people/attendance";

const OPEN = { signedIn: false, operator: true, user: undefined };
const NOBODY = { signedIn: false, operator: false, user: undefined };
const ANN = { signedIn: true, operator: false, user: "ann" };

describe("who may", () => {
  it("is decided as far as the page knows", () => {
    const rules = ["everyone", "users", "members", "token", "operators", "nobody"] as const;
    expect(rules.map((rule) => mayBy(rule, OPEN))).toEqual([true, true, true, true, true, false]);
    expect(rules.map((rule) => mayBy(rule, NOBODY))).toEqual([true, false, false, false, false, false]);
    expect(rules.map((rule) => mayBy(rule, ANN))).toEqual([true, true, undefined, undefined, undefined, false]);
  });
});

describe("who is there", () => {
  const ann = { client_id: "tab-1", user: "ann", session: "s-1", since: "2026-11-21T10:00:00Z" };
  const change = (event: "join" | "leave") => ({ channel: "c", event, client: { client_id: "tab-2", user: null, session: "s-2" }, timestamp: "2026-11-21T10:01:00Z" });

  it("follows who comes and goes, each session once", () => {
    const both = after(after([ann], change("join")), change("join"));
    expect(both.map(({ session }) => session)).toEqual(["s-1", "s-2"]);
    expect(after(both, change("leave"))).toEqual([ann]);
  });

  it("is found by client, user and session", () => {
    expect([matching([ann], "ANN").length, matching([ann], "s-1").length, matching([ann], "nobody").length]).toEqual([1, 1, 0]);
  });
});
