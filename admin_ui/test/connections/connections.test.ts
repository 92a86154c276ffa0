import { describe, expect, it } from "vitest";
import { askingOf, asAddress, decisiveFirst, PAGE, pageWithin, queryOf, questionIn } from "../../src/pages/connections/connections";

describe("the list", () => {
  it("asks for a page, and for nothing that nobody wants", () => {
    expect(queryOf("  ", "", "queued_bytes", 1)).toEqual({ sort: "queued_bytes", limit: PAGE, offset: 0 });
    expect(queryOf(" alice ", "room:a", "latency", 3)).toEqual({ sort: "latency", limit: PAGE, offset: 2 * PAGE, search: "alice", channel: "room:a" });
  });

  it("goes back to the last page that is there", () => {
    expect([pageWithin(3, 2 * PAGE + 1), pageWithin(3, 2 * PAGE), pageWithin(1, 1), pageWithin(2, 0)]).toEqual([3, 2, 1, 1]);
  });
});

describe("a question about deliveries", () => {
  it("comes back from its address", () => {
    for (const offset of ["42", ""]) {
      const question = { who: "client_id", name: "tab&1", channel: "room:a b", offset } as const;
      expect(questionIn(new URLSearchParams(asAddress(question)))).toEqual(question);
    }
  });

  it("may lack what it is about", () => {
    expect(questionIn(new URLSearchParams("user=&channel=c"))).toEqual({ who: "user", name: "", channel: "c", offset: "" });
    expect(questionIn(new URLSearchParams("session=s-1"))).toEqual({ who: "session", name: "s-1", channel: "", offset: "" });
  });

  it("is asked of a session on its only channel, or on one that is still to be chosen", () => {
    const asked = (channels: string[]) => questionIn(new URLSearchParams(askingOf({ session: "s-1", channels }).split("?")[1]));
    expect(asked(["room:a b"])).toEqual({ who: "session", name: "s-1", channel: "room:a b", offset: "" });
    expect(asked(["a", "b"]).channel).toBe("");
  });

  it("has no offset that isn't one", () => {
    for (const offset of ["0", "-1", "x", "1.5"]) expect(questionIn(new URLSearchParams({ user: "a", channel: "c", offset })).offset).toBe("");
  });
});

describe("evidence", () => {
  it("begins with the session that the verdict follows from", () => {
    const evidence = [["s-3", "not_connected"], ["s-2", "replayed"], ["s-1", "written_then_lost"]] as const;
    const pieces = evidence.map(([session, verdict]) => ({ session, verdict, explanation: "" }));
    expect(decisiveFirst({ verdict: "replayed", evidence: pieces }).map(({ session }) => session)).toEqual(["s-2", "s-3", "s-1"]);
  });
});
