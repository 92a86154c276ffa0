import { describe, expect, it } from "vitest";
import { listening, NONE, withList, type Arrivals } from "../../src/pages/chat/arrivals";

const list = (running: Readonly<Record<string, number>>) => Object.entries(running).map(([id, active_runs]) => ({ id, active_runs }));
const unread = ({ unread: ids }: Arrivals) => [...ids];

describe("an answer that came", () => {
  const busy = withList(NONE, list({ a: 1, b: 2, c: 0 }), "a");

  it("where nobody looks is unread until somebody does", () => {
    const came = withList(busy, list({ a: 1, b: 0, c: 0 }), "a");
    expect(unread(came)).toEqual(["b"]);
    expect(unread(withList(came, list({ a: 1, b: 0, c: 0 }), "a"))).toEqual(["b"]);
    expect(unread(withList(came, list({ a: 1, b: 0, c: 0 }), "b"))).toEqual([]);
  });

  it("where somebody looks isn't, but is when the tab is hidden", () => {
    expect(unread(withList(busy, list({ a: 0, b: 2, c: 0 }), "a"))).toEqual([]);
    expect(unread(withList(busy, list({ a: 0, b: 2, c: 0 }), undefined))).toEqual(["a"]);
  });

  it("before this page was there isn't told of", () => expect(unread(withList(NONE, list({ a: 0, b: 0 }), undefined))).toEqual([]));

  it("goes with its conversation", () => {
    expect(unread(withList(busy, list({ a: 1 }), "a"))).toEqual([]);
    expect(unread(withList(withList(busy, list({ a: 1, b: 0 }), "a"), list({ a: 1 }), "a"))).toEqual([]);
  });

  it("is listened for in a few conversations, the same ones under the same name", () => {
    expect(listening(withList(NONE, list({ b: 1, a: 1, c: 0 }), undefined))).toBe("a b");
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`s${at}`, 1]));
    expect(listening(withList(NONE, list(many), undefined)).split(" ")).toHaveLength(10);
  });
});
