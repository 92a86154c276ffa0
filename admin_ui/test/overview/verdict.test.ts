import { describe, expect, it } from "vitest";
import { processesOf } from "../../src/pages/overview/samples";
import { verdictOf, type Alert, type Known } from "../../src/pages/overview/verdict";
import { telling } from "./told";

const alert = (more: Partial<Alert> = {}): Alert => ({
  name: "loop_lag", severity: "warning", status: "firing", summary: "The event loop is late", labels: {}, started_at: "1970-01-01T00:01:00Z", owner: "a", silenced_by: [], ...more,
});
const known = (more: Partial<Known> = {}): Known => ({
  link: "connected", linkSince: 0, linkReason: undefined, processes: processesOf(telling("a", 5, 100), 101_000), alerts: [], ...more,
});
const says = (more: Partial<Known>) => {
  const { state, troubles } = verdictOf(known(more));
  return [state, ...troubles.map(({ what, since }) => `${what} ${since}`)];
};

describe("the verdict", () => {
  it("is well when nothing speaks against it, and unknown before anything was told", () => {
    expect(verdictOf(known())).toEqual({ state: "well", troubles: [], since: undefined });
    expect(says({ processes: [], alerts: undefined })).toEqual(["unknown"]);
  });

  it("says since when all is well again", () => {
    const resolved = alert({ status: "resolved", ended_at: "1970-01-01T00:01:20Z" });
    expect(verdictOf(known({ alerts: [resolved, alert({ status: "resolved", severity: "info", ended_at: "1970-01-01T00:01:30Z" })] })).since).toBe(80_000);
  });

  it("has the worst first, then the oldest", () => {
    const alerts = [alert({ started_at: "1970-01-01T00:00:30Z" }), alert({ severity: "critical" }), alert({ severity: "critical", started_at: "1970-01-01T00:00:10Z" })];
    expect(says({ alerts })).toEqual(["bad", "alert 10000", "alert 60000", "alert 30000"]);
  });

  it("leaves out alerts that are news, silenced, over or about to come", () => {
    const alerts = [alert({ severity: "info" }), alert({ silenced_by: ["s"] }), alert({ status: "resolved" }), alert({ status: "pending" })];
    expect(says({ alerts })).toEqual(["well"]);
  });

  it("knows that the hub or the network is away", () => {
    expect(says({ link: "reconnecting", linkSince: 7 })).toEqual(["bad", "unreachable 7"]);
    expect(says({ link: "offline", linkSince: 8 })).toEqual(["bad", "offline 8"]);
  });

  it("has the broker's absence from the link at once, and its beginning from the processes", () => {
    expect(verdictOf(known({ link: "degraded", linkSince: 9, linkReason: "late" })).troubles).toEqual([{ what: "broker", tone: "bad", since: 9, reason: "late" }]);
    const away = [...telling("a", 5, 50), ...telling("a", 55, 100, { broker_available: false, degraded: "gone" }, 0)];
    expect(verdictOf(known({ processes: processesOf(away, 101_000), link: "degraded" })).troubles).toEqual([{ what: "broker", tone: "bad", since: 50_000, reason: "gone" }]);
  });

  it("minds slow connections only when they stay slow", () => {
    const slow = (from: number) => processesOf([...telling("a", 5, from), ...telling("a", from + 5, 100, { slow_connections: 3 }, 0)], 101_000);
    expect(says({ processes: slow(90) })).toEqual(["well"]);
    expect(verdictOf(known({ processes: slow(50) })).troubles).toEqual([{ what: "slow", tone: "warn", since: 50_000, count: 3 }]);
  });

  it("minds a process that others know of and that says nothing, but not one that just starts or ends", () => {
    const two = { processes: 2 };
    expect(says({ processes: processesOf([...telling("a", 5, 100, two), ...telling("b", 5, 50, two)], 101_000) })).toEqual(["warn", "silent 50000"]);
    expect(says({ processes: processesOf([...telling("a", 5, 100, two), ...telling("b", 5, 100, two)], 101_000) })).toEqual(["well"]);
    expect(says({ processes: processesOf(telling("a", 90, 100, two), 101_000) })).toEqual(["well"]);
  });
});
