import { describe, expect, it } from "vitest";
import { processesOf } from "../../src/pages/overview/samples";
import { telling, told } from "./told";

describe("processes", () => {
  it("are known by their names, the oldest first, with their start and their newest numbers", () => {
    const processes = processesOf([...telling("b", 100, 120), ...telling("a", 50, 120, { connections: 3 }, -1000)], 121_000);
    expect(processes.map(({ node, started, gone }) => [node, started, gone])).toEqual([["a", -1_000_000, false], ["b", 95_000, false]]);
    expect(processes[0]?.last).toMatchObject({ at: 120_000, interval: 5_000, numbers: { connections: 3 } });
  });

  it("are gone when they say nothing for two and a half intervals, and not when one is late", () => {
    const gone = (now: number) => processesOf(telling("a", 5, 100), now)[0]?.gone;
    expect([gone(105_000), gone(112_000), gone(113_000)]).toEqual([false, false, true]);
  });

  it("are gone as soon as they are late when the newest of them knows of fewer", () => {
    const gone = (processes: number, now: number) => processesOf([...telling("old", 5, 100), ...telling("new", 104, 109, { processes }, 102)], now).map((one) => one.gone);
    expect([gone(1, 105_000), gone(1, 109_000), gone(2, 109_000)]).toEqual([[false, false], [true, false], [false, false]]);
  });

  it("have what waited for the broker put back to when it was measured", () => {
    const heap = [told("a", 10), told("a", 40.001), told("a", 40.002), told("a", 40.003), told("a", 45)];
    const at = processesOf(heap, 46_000)[0]?.samples.map(({ at }) => Math.round(at / 1000));
    expect(at).toEqual([10, 30, 35, 40, 45]);
  });

  it("are told in fewer words on the channel for everybody", () => {
    const data = (connections: number) => ({ node: "a", active_connections: connections, memory_usage: 50, cpu_usage: 1, uptime: 9 });
    const few = [0, 30, 60, 300].map((at) => ({ ...told("a", at), type: "system_stats", data: data(at + 1) }));
    const [process] = processesOf(few, 301_000);
    expect(process?.samples.map(({ interval, numbers }) => [interval, numbers.connections])).toEqual([[30_000, 1], [30_000, 31], [30_000, 61], [45_000, 301]]);
  });

  it("aren't made of what has no numbers", () => {
    expect(processesOf([{ ...told("a", 1), data: "text" }, { ...told("a", 2), data: null }], 3_000)).toEqual([]);
  });
});
