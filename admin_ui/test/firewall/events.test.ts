import { describe, expect, it } from "vitest";
import { eventOf, eventsOf, found } from "../../src/pages/firewall/events";
import { told } from "./kit";

const blocked = told("error_blocked", { why: "The same call failed once with DeviceNotFound.", error_id: "ios-build-1" }, { offset: 1 });
const passed = told("error_passed", { count: 12 }, { offset: 2 });
const recorded = told("error_recorded", { message: "No Simulator", error_type: "DeviceNotFound" }, { offset: 3 });

describe("the events that fit", () => {
  const all = eventsOf([blocked, passed, recorded]);
  const keys = (type: string, text: string) => found(all, { type, text }).map(({ key }) => key);

  it("are the newest first", () => expect(keys("", "")).toEqual(["e:3", "e:2", "e:1"]));
  it("are those of a type", () => expect(keys("error_passed", "")).toEqual(["e:2"]));
  it("are those with a text in any field, in any case", () => {
    expect(keys("", " devicenotfound")).toEqual(["e:3", "e:1"]);
    expect(keys("", "simulator")).toEqual(["e:3"]);
    expect(keys("", "IOS-BUILD-1")).toEqual(["e:1"]);
  });
});

describe("a message", () => {
  it("is read once", () => expect(eventOf(blocked)).toBe(eventOf(blocked)));
  it("stands for as many as it says", () => expect([blocked, passed].map((one) => eventOf(one)?.count)).toEqual([1, 12]));
  it("tells a rule that was made of no record as a rule alone", () =>
    expect(eventOf(told("error_blocked", { error_id: "rule-1", rule_id: "rule-1" }))).toMatchObject({ record: null, rule: "rule-1" }));

  it("of any other shape, which anybody may publish, breaks nothing", () => {
    const shapes = [null, 1, "text", [], {}, { operation: 7 }];
    expect(shapes.map((data) => eventOf({ ...blocked, data }))).toEqual(shapes.map(() => null));
    expect(eventOf({ ...blocked, type: "note" })).toBeNull();
    const odd = { operation: "x", why: {}, solution: [1], match: "wrong", stage: 3, score: "1", degraded: "yes", ms: NaN, count: "2" };
    expect(eventOf({ ...blocked, data: odd })).toMatchObject({ operation: "x", why: "", solution: null, match: null, stage: null, score: null, degraded: false, ms: null, count: 1 });
  });
});
