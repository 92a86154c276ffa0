import type { Publication } from "tocsin-client";
import { describe, expect, it } from "vitest";
import { eventOf } from "../../src/pages/firewall/events";
import { Rates, STEP, total } from "../../src/pages/firewall/rates";
import { told } from "./kit";

const NOW = 1_000 * 3_600_000 + 5_000;
const counts = (blocked = 0, warned = 0, overridden = 0, passed = 0) => ({ blocked, warned, overridden, passed });
const taken = (events: readonly Publication[], received = events.length) => {
  const rates = new Rates();
  rates.take(events, received, eventOf);
  return rates;
};

describe("Rates", () => {
  it("counts each event once, however often the list is shown", () => {
    const events = [told("error_blocked", {}, { at: NOW }), told("error_warned", {}, { at: NOW }), told("error_passed", { count: 7 }, { at: NOW })];
    const rates = taken(events);
    rates.take(events, 3, eventOf);
    const more = [...events, told("error_overridden", {}, { at: NOW })];
    rates.take(more, 4, eventOf);
    expect(total(rates.over("15m", NOW))).toEqual(counts(1, 1, 1, 7));
  });

  it("puts them into the step in which they were said", () => {
    const rates = taken([told("error_blocked", {}, { at: NOW - STEP }), told("error_blocked", {}, { at: NOW })]);
    const steps = rates.over("15m", NOW);
    expect(steps).toHaveLength(90);
    expect(steps.slice(-3).map(([, { blocked }]) => blocked)).toEqual([0, 1, 1]);
    expect(steps[89]?.[0]).toBe(NOW - 5_000);
  });

  it("adds small steps up to large ones, and forgets what is before a span", () => {
    const rates = taken([told("error_blocked", {}, { at: NOW - 3_700_000 }), told("error_warned", {}, { at: NOW - 50_000 }), told("error_warned", {}, { at: NOW - 41_000 })]);
    expect(total(rates.over("1h", NOW))).toEqual(counts(0, 2));
    expect(total(rates.over("6h", NOW))).toEqual(counts(1, 2));
    expect(rates.over("1h", NOW).at(-2)?.[1].warned).toBe(2);
  });

  it("keeps counts of what the list has dropped, and says what it never saw", () => {
    const first = told("error_blocked", {}, { at: NOW, offset: 1 });
    const last = told("error_blocked", {}, { at: NOW, offset: 9 });
    const rates = taken([first]);
    rates.take([last], 2, eventOf);
    expect([total(rates.over("15m", NOW)).blocked, rates.missed]).toEqual([2, 0]);
    rates.take([last], 5, eventOf);
    expect([total(rates.over("15m", NOW)).blocked, rates.missed]).toEqual([3, 2]);
  });

  it("begins anew with another stream", () => {
    const rates = taken([told("error_blocked", {}, { at: NOW })], 500);
    rates.take([told("error_warned", {}, { at: NOW })], 1, eventOf);
    expect(total(rates.over("15m", NOW))).toEqual(counts(0, 1));
    expect(rates.missed).toBe(0);
  });
});
