import { describe, expect, it } from "vitest";
import { advanced, paceNow, type Paces, type Reading } from "../../src/pages/channels/list/rates";

const at = (seconds: number, offset: number | undefined, epoch: string | undefined = "e"): Reading => ({
  channel: "deploys", at: seconds * 1000, ...(offset !== undefined && { epoch, offset }),
});

const after = (...readings: Reading[]): Paces => readings.reduce<Paces>((paces, reading) => advanced(paces, [reading]), new Map());

describe("the rate of a channel", () => {
  it("is the difference of two offsets over the time between", () => {
    expect(paceNow(after(at(0, 10), at(2, 15)).get("deploys"))).toBe(2.5);
  });

  it("isn't known from one reading, and one that came twice changes nothing", () => {
    expect(paceNow(after(at(0, 10)).get("deploys"))).toBeNull();
    const twice = after(at(0, 10), at(2, 15), at(2, 15));
    expect(twice.get("deploys")?.line).toEqual([2.5]);
  });

  it("isn't known where the channel keeps no history, and across two epochs", () => {
    expect(after(at(0, undefined), at(2, undefined)).size).toBe(0);
    expect(after(at(0, 10, "a"), at(2, 3, "b")).get("deploys")?.line).toEqual([null]);
    expect(after(at(0, 10, "a"), at(2, 3, "b"), at(4, 5, "b")).get("deploys")?.line).toEqual([null, 1]);
  });

  it("goes back 40 readings, and is forgotten with the channel", () => {
    const long = after(...Array.from({ length: 60 }, (_, n) => at(n, n)));
    expect(long.get("deploys")?.line).toHaveLength(40);
    expect(advanced(long, []).size).toBe(0);
  });
});
