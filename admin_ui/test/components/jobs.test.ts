import { describe, expect, it } from "vitest";
import { duration, inOrder, isOver, type Job } from "../../src/components/jobs";

const job = (state: Job["state"], minute: number, more: Partial<Job> = {}): Job => ({ state, created: `2026-11-21T10:0${minute}:00Z`, ...more });

describe("jobs", () => {
  it("run, wait in their turn, and are over, the newest first", () => {
    const jobs = [job("failed", 1), job("queued", 7, { queue_position: 2 }), job("completed", 3), job("queued", 8, { queue_position: 1 }), job("running", 5), job("cancelled", 2)];
    expect(inOrder(jobs).map(({ state, created }) => `${state} ${created[15]}`)).toEqual(["running 5", "queued 8", "queued 7", "completed 3", "cancelled 2", "failed 1"]);
    expect(jobs[0]?.state).toBe("failed"); // the answer itself stays as it is
  });

  it("are put by the time, however it is written", () => {
    const whole = job("completed", 0, { created: "2026-11-21T10:00:00Z" });
    const later = job("completed", 0, { created: "2026-11-21T10:00:00.500Z" });
    expect(inOrder([whole, later])).toEqual([later, whole]);
  });

  it("take until they end, and until now before that", () => {
    const started = "2026-11-21T10:00:00Z";
    const now = Date.parse("2026-11-21T10:00:09Z");
    expect(duration({ started }, now)).toBe(9);
    expect(duration({ started, ended: "2026-11-21T10:00:02.500Z" }, now)).toBe(2.5);
    expect(duration({ started: "2026-11-21T10:00:10Z" }, now)).toBe(0); // this clock is behind the hub's
    expect(duration({}, now)).toBeUndefined();
  });

  it("are over in three ways", () => {
    expect((["queued", "running", "completed", "failed", "cancelled"] as const).filter((state) => isOver({ state }))).toEqual(["completed", "failed", "cancelled"]);
  });
});
