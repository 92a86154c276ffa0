import { describe, expect, it } from "vitest";
import { placeOf, readJson, spanOf } from "../../src/pages/channels/publish/jsonText";

const faultOf = (text: string) => {
  const { fault } = readJson(text);
  return fault && [fault.line, fault.column, fault.expected];
};

describe("JSON as it is written", () => {
  it("is read as JSON.parse reads it", () => {
    for (const text of ['{"a": [1, -2.5e3, true, null, "x\\u00e9\\n"]}', " [] ", '"x"', "0", '{"a": {"b": {}}}']) {
      const read = readJson(text);
      expect(read.fault).toBeUndefined();
      if (!read.fault) expect(read.value).toEqual(JSON.parse(text));
    }
  });

  it.each([
    ["", [1, 1, "value"]],
    ['{"a": }', [1, 7, "value"]],
    ['{\n  "a": 1\n  "b": 2\n}', [3, 3, "comma"]],
    ["{'a': 1}", [1, 2, "name"]],
    ['{"a": 1,}', [1, 9, "name"]],
    ["[1,]", [1, 4, "value"]],
    ['{"a" 1}', [1, 6, "colon"]],
    ['"x\ny"', [1, 3, "quote"]],
    ['"\\x"', [1, 2, "escape"]],
    ["{} x", [1, 4, "end"]],
    ["01", [1, 2, "end"]],
    ["[".repeat(101), [1, 101, "shallower"]],
  ] as const)("%j is wrong in its line and column", (text, place) => expect(faultOf(text)).toEqual(place));

  it("refuses exactly what JSON.parse refuses, wherever a character is missing", () => {
    const whole = '{"a": [1, {"b": "c\\"d"}, false], "e": -0.5}';
    for (let at = 0; at < whole.length; at++) {
      const text = whole.slice(0, at) + whole.slice(at + 1);
      let parsed = true;
      try {
        JSON.parse(text);
      } catch {
        parsed = false;
      }
      expect(readJson(text).fault === undefined, text).toBe(parsed);
    }
  });

  it("knows where each part stands, and the nearest part of one that isn't there", () => {
    const text = '{"a/b": [10, {"~": true}]}';
    const read = readJson(text);
    if (read.fault) throw new Error("expected JSON");
    const at = (pointer: string) => text.slice(...(spanOf(read.spans, pointer) ?? [0, 0]));
    expect([at("/a~1b/0"), at("/a~1b/1/~0"), at(""), at("/a~1b/1/missing"), at("/nowhere")]).toEqual(["10", "true", text, '{"~": true}', text]);
  });

  it("counts lines and columns from 1", () => expect(placeOf("a\nbc", 3)).toEqual({ line: 2, column: 2 }));
});
