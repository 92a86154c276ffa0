import { readFileSync } from "node:fs";
import { HubError } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { Catalogue, type Contract } from "../../src/pages/channels/publish/catalogue";
import { checked, checkOf, pathIn, randomKey } from "../../src/pages/channels/publish/draft";
import { exampleOf } from "../../src/pages/channels/publish/example";
import { Check } from "../../src/pages/channels/publish/validation";

const SCORES = {
  type: "object",
  required: ["player", "points"],
  properties: { player: { type: "string" }, points: { type: "integer", minimum: 0 }, note: { anyOf: [{ type: "string" }, { type: "null" }] } },
  additionalProperties: false,
};

const contract = JSON.parse(readFileSync(new URL("../../../docs/asyncapi.json", import.meta.url), "utf8")) as Contract;
const catalogue = new Catalogue(contract);

describe("a schema", () => {
  const check = new Check(SCORES);

  it("takes what it takes", () => expect(check.of({ player: "ann", points: 1, note: null })).toEqual([]));

  it("says what is wrong by its place, one line a place", () => {
    expect(check.of({ points: 1.5, note: 1, more: true })).toEqual([
      { pointer: "", reason: { word: "required", what: "player" } },
      { pointer: "/points", reason: { word: "type", what: "integer" } },
      { pointer: "/note", reason: { word: "type", what: "string, null" } },
      { pointer: "/more", reason: { word: "unknown", what: "more" } },
    ]);
    expect(check.of({ player: "ann", points: -1 })).toMatchObject([{ pointer: "/points", reason: { word: "told" } }]);
    expect(check.of("text")).toEqual([{ pointer: "", reason: { word: "type", what: "object" } }]);
  });

  it("is left as it was: it may be somebody else's", () => expect(Object.getOwnPropertyNames(SCORES)).not.toContain("__absolute_uri__"));

  it("names no more than 20 places", () => {
    const points = new Check({ type: "array", items: { type: "integer" } });
    expect(points.of(Array.from({ length: 100 }, () => "x"))).toHaveLength(20);
  });
});

describe("the hub's typed messages", () => {
  it("are those of its document", () => {
    expect(catalogue.types).toContain("alert");
    expect(catalogue.types.filter((type) => type.includes("."))).toEqual([]);
    expect(catalogue.about("alert")).toBe("An alert fires, or is resolved.");
    expect([catalogue.schema("constructor"), catalogue.about("toString")]).toEqual([undefined, undefined]);
  });

  it("have schemas that hold what they refer to", () => {
    const schema = catalogue.schema("analysis_completed");
    if (!schema) throw new Error("expected a schema of analysis_completed");
    const data = exampleOf(schema, new Date(0)) as { linters: unknown[] };
    const complaints = new Check(schema).of({ ...data, linters: [{}] });
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.every(({ pointer }) => pointer.startsWith("/linters/0"))).toBe(true);
  });

  it.each(catalogue.types)("have an example that their schema takes: %s", (type) => {
    const schema = catalogue.schema(type);
    if (!schema) throw new Error(`expected a schema of ${type}`);
    expect(new Check(schema).of(exampleOf(schema, new Date(0)))).toEqual([]);
  });
});

describe("what is about to be published", () => {
  it("is refused by the channel's schema, and only unexpected by the type's", () => {
    const found = checked('{"player": "ann", "points": -1}', checkOf(SCORES), checkOf(catalogue.schema("alert")));
    expect(found.refused.map(({ pointer }) => pointer)).toEqual(["/points"]);
    expect(found.unexpected.length).toBeGreaterThan(0);
    expect(checked("{", checkOf(SCORES), undefined)).toMatchObject({ fault: { line: 1, column: 2 }, refused: [] });
  });

  it("is refused by the hub at a place in the data", () => {
    const refused = (path: unknown) => new HubError("invalid_data", "no", false, undefined, { path }, 400);
    expect([pathIn(refused("/points")), pathIn(refused("/")), pathIn(refused(undefined))]).toEqual(["/points", "", undefined]);
  });

  it("gets a key that no other has", () => {
    expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(randomKey()).not.toBe(randomKey());
  });
});
