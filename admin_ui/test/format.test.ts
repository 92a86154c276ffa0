import i18next from "i18next";
import { describe, expect, it } from "vitest";
import { ago, brief, bytes, count, measure, milliseconds, MISSING, percent, seconds } from "../src/format";

import common from "../src/locales/en/common.json";
import russian from "../src/locales/ru/common.json";

await i18next.init({ lng: "en", defaultNS: "common", resources: { en: { common }, ru: { common: russian } } });

describe("numbers", () => {
  it("show a dash for what isn't known, never a zero", () => {
    for (const format of [count, brief, measure, percent, milliseconds, seconds, bytes]) {
      expect([format(undefined), format(null), format(Number.NaN)]).toEqual([MISSING, MISSING, MISSING]);
    }
  });

  it.each([
    [count(12_345.4), "12,345"],
    [brief(12_345), "12.3K"],
    [measure(0.12345), "0.123"],
    [measure(1234.5), "1,235"],
    [percent(7.25), "7.3%"],
    [percent(42.25), "42%"],
  ])("%s reads %s", (said, expected) => expect(said).toBe(expected));
});

describe("times", () => {
  it.each([
    [milliseconds(0), "0 ms"],
    [milliseconds(0.0305), "30.5 µs"],
    [milliseconds(12.34), "12.3 ms"],
    [milliseconds(4_600), "4.6 s"],
    [seconds(75), "1 min 15 s"],
    [seconds(3_600), "1 h"],
    [seconds(90_061), "1 d 1 h"],
  ])("%s reads %s", (said, expected) => expect(said).toBe(expected));

  it("tell how long ago something was", () => {
    expect(ago(0, 61_000)).toBe("1 minute ago");
    expect(ago(5_000, 0)).toBe("in 5 seconds");
  });
});

it("are told in the language that is shown", async () => {
  await i18next.changeLanguage("ru");
  expect([milliseconds(12.34), seconds(90_061), bytes(1_500), brief(1_200_000)]).toEqual(["12,3 мс", "1 д 1 ч", "1,5 кБ", "1,2\u00a0млн"]);
  await i18next.changeLanguage("en");
});

describe("bytes", () => {
  it.each([
    [bytes(0), "0 B"],
    [bytes(999), "999 B"],
    [bytes(1_500), "1.5 kB"],
    [bytes(2_300_000_000), "2.3 GB"],
  ])("%s reads %s", (said, expected) => expect(said).toBe(expected));
});
