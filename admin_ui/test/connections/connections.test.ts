import { describe, expect, it } from "vitest";
import { asQuery, PAGE, queryOf, questionIn } from "../../src/pages/connections/connections";

describe("the list", () => {
  it("asks for a page, and for nothing that nobody wants", () => {
    expect(queryOf("  ", "", "queued_bytes", 1)).toEqual({ sort: "queued_bytes", limit: PAGE, offset: 0 });
    expect(queryOf(" alice ", "room:a", "latency", 3)).toEqual({ sort: "latency", limit: PAGE, offset: 2 * PAGE, search: "alice", channel: "room:a" });
  });
});

describe("a question about deliveries", () => {
  it("comes back from its address", () => {
    for (const offset of ["42", ""]) {
      const question = { who: "client_id", name: "tab&1", channel: "room:a b", offset } as const;
      expect(questionIn(new URLSearchParams(asQuery(question)))).toEqual(question);
    }
  });

  it.each(["", "user=alice", "channel=c", "user=&channel=c"])("isn't one: %j", (text) => expect(questionIn(new URLSearchParams(text))).toBeUndefined());

  it("has no offset that isn't one", () => {
    for (const offset of ["0", "-1", "x", "1.5"]) expect(questionIn(new URLSearchParams({ user: "a", channel: "c", offset }))?.offset).toBe("");
  });
});
