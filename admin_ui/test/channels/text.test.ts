import { execFileSync } from "node:child_process";
import type { Publication } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { curlOf, quoted } from "../../src/pages/channels/live/curl";
import { compact, glance, visible } from "../../src/pages/channels/live/text";

const HUB = { hub: "https://hub.example/base/", token: true, keyed: false };

const said = (data: unknown, key?: string): Publication => ({
  type: "it's", channel: "room:ops", data, timestamp: "2026-11-21T10:00:00Z", ...(key !== undefined && { key }),
});

/** What a shell makes of a command, with a curl that prints its arguments. */
const arguments_ = (command: string): string[] => {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`;
  return execFileSync("sh", ["-c", script], { env: { TOCSIN_TOKEN: "t0k3n" }, encoding: "utf8" }).split("\0").slice(0, -1);
};

describe("the command that publishes again", () => {
  const nasty = { text: "'; rm -rf / #\n$(id) `id` \"$HOME\" \\ \u202e \u009b31m", html: "<script>" };

  it("reaches curl as it was meant, whatever the data hold", () => {
    const words = arguments_(curlOf(said(nasty), HUB));
    expect(words).toContain("https://hub.example/base/api/publish");
    expect(words).toContain("Authorization: Bearer t0k3n");
    expect(JSON.parse(words.at(-1) ?? "")).toEqual({ channel: "room:ops", type: "it's", data: nasty });
  });

  it("holds no token, nothing that hides in a terminal, and no header on an open hub", () => {
    const command = curlOf(said(nasty), HUB);
    expect(command).toContain('"Authorization: Bearer $TOCSIN_TOKEN"');
    expect(command).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(curlOf(said(1), { ...HUB, token: false })).not.toContain("Authorization");
  });

  it("gives the key where publishers give it, and not where the hub makes it", () => {
    expect(curlOf(said(1, "SYM"), { ...HUB, keyed: true })).toContain('"key":"SYM"');
    expect(curlOf(said(1, "SYM"), HUB)).not.toContain("key");
  });

  it("quotes for the shell", () => expect(quoted("a'b")).toBe(`'a'\\''b'`));
});

describe("JSON for people", () => {
  it("is one line without the outer braces", () => {
    expect(glance({ a: 1, b: ["x", null], c: {} })).toBe('a: 1  b: ["x",null]  c: {}');
    expect([glance([1]), glance("x"), glance(null), glance({})]).toEqual(["[1]", '"x"', "null", "{}"]);
  });

  it("is cut, without reading all of a huge value", () => {
    const huge = { get never(): unknown { throw new Error("read too far"); } };
    expect(compact([["x".repeat(50)], huge], 20)).toHaveLength(21);
    expect(glance({ a: "x".repeat(1000) }, 30)).toMatch(/^a: "x{26,}…$/);
  });

  it("shows characters that hide or turn text around, and stays the same JSON", () => {
    expect(glance({ file: "abc\u202efdp.exe\u0007" })).toBe('file: "abc\\u202efdp.exe\\u0007"');
    expect(JSON.parse(visible(JSON.stringify({ a: "\u2028\u009b" })))).toEqual({ a: "\u2028\u009b" });
  });
});
