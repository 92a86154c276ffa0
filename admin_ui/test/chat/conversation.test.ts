import { describe, expect, it } from "vitest";
import { begun, isMissing, lastAgent, linesOf, MOST_HELD, openRuns, pointsOf, withEvents, withOlder, withSent, type Conversation } from "../../src/pages/chat/conversation";
import { call, event, message, run, snapshot } from "./kit";

const PIECES = ["Good ", "morning 🦉", ", heron", "-7 ✓."];
const FLOW = call(1, PIECES);
const whole = withEvents(begun(snapshot()), FLOW);

/** What is shown, in short. */
const shown = (conversation: Conversation) =>
  linesOf(conversation).map((line) => (line.kind === "question" ? line.message.content : `${line.run?.status ?? "told"}: ${line.message?.content ?? line.run?.text}`));

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

const shuffled = <Item>(items: readonly Item[], seed: number): Item[] => {
  const random = numbers(seed);
  return items.map((item) => [random.next().value as number, item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);
};

describe("a direct call", () => {
  it("is a question and an answer", () => expect(shown(whole)).toEqual(["how?", "completed: Good morning 🦉, heron-7 ✓."]));

  it("shows the answer as it comes, under one key from its first word to its end", () => {
    const keys = new Set<string>();
    let now = begun(snapshot());
    for (const one of FLOW) {
      now = withEvents(now, [one]);
      const last = linesOf(now).at(-1);
      if (last?.kind === "answer") keys.add(last.key);
    }
    expect(keys).toEqual(new Set(["r1"]));
    expect(shown(withEvents(begun(snapshot()), FLOW.slice(0, 6)))).toEqual(["how?", "running: Good morning 🦉"]);
  });

  it("leaves nothing open", () => {
    expect(openRuns(whole)).toEqual([]);
    expect(openRuns(withEvents(begun(snapshot()), FLOW.slice(0, 5))).map(({ id, retrieved }) => [id, retrieved?.count])).toEqual([["r1", 2]]);
  });
});

describe("events", () => {
  it("count once each, in whatever order and however often they come", () => {
    for (let seed = 1; seed <= 60; seed++) {
      let now = begun(snapshot());
      const coming = shuffled([...FLOW, ...FLOW.slice(seed % 7), ...FLOW.slice(0, seed % 5)], seed);
      for (let at = 0; at < coming.length; at += 1 + (seed % 3)) now = withEvents(now, coming.slice(at, at + 1 + (seed % 3)));
      expect([now.seq, shown(now), now.held.size]).toEqual([whole.seq, shown(whole), 0]);
    }
  });

  it("wait for one that is missing, and say that it is", () => {
    const [first, , ...rest] = FLOW;
    const now = withEvents(begun(snapshot()), [first!, ...rest]);
    expect([now.seq, isMissing(now), now.held.size]).toEqual([1, true, rest.length]);
    const full = withEvents(now, [FLOW[1]!]);
    expect([full.seq, isMissing(full), shown(full)]).toEqual([whole.seq, false, shown(whole)]);
  });

  it("that are known change nothing, not even the object", () => {
    expect(withEvents(whole, FLOW)).toBe(whole);
    expect(withEvents(whole, [])).toBe(whole);
  });

  it("of a newer hub, and broken ones, do no harm", () => {
    const odd = [event(1, "SOMETHING_NEW", { x: 1 }), event(2, "MESSAGE_CREATED", {}), event(3, "MESSAGE_DELTA", { run_id: null, start: 5 }), { type: "X", data: {} } as never];
    const now = withEvents(begun(snapshot()), odd);
    expect([now.seq, now.messages, isMissing(now)]).toEqual([3, [], false]);
  });

  it("never wait without bound", () => {
    const far = Array.from({ length: MOST_HELD + 1 }, (_, at) => event(at + 5, "MESSAGE_DELTA", { start: 0, text: "x" }));
    expect(withEvents(begun(snapshot()), far).broken).toBe(true);
  });
});

describe("a snapshot in the middle of an answer", () => {
  // Whatever the moment, a snapshot then and the events after it make what all events make.
  it.each(FLOW.map((_, at) => at))("after event %i, and the rest", (at) => {
    const before = withEvents(begun(snapshot()), FLOW.slice(0, at));
    const open = openRuns(before).map((one) => ({ ...run({ id: one.id, status: one.status, error: null, message_id: one.messageId ?? "" }), text: one.text }));
    const now = begun(snapshot({ seq: at, messages: before.messages, runs: open }));
    expect(shown(withEvents(now, FLOW.slice(at)))).toEqual(shown(whole));
    expect(shown(withEvents(now, FLOW))).toEqual(shown(whole));
  });

  it("counts characters as the hub does, whatever they take here", () => {
    const text = "🦉👨‍👩‍👧𠮷é";
    const points = [...text];
    const pieces = points.map((piece, start) => event(start + 1, "MESSAGE_DELTA", { message_id: "x", start, text: piece }));
    points.forEach((_, at) => {
      const open = { ...run({ status: "running", error: null }), text: points.slice(0, at).join("") };
      const now = begun(snapshot({ seq: at, runs: [open] }));
      const then = withEvents(now, pieces.slice(at));
      expect([then.broken, then.runs.get("r1")?.text]).toEqual([false, text]);
      expect(withEvents(now, [event(at + 1, "MESSAGE_DELTA", { message_id: "x", start: at + 1, text: "!" })]).broken).toBe(true);
    });
  });

  it("keeps what was read of older messages", () => {
    const old = withOlder(begun(snapshot({ seq: 9, messages: [message(8), message(9)] })), [message(1), message(2)]);
    const again = begun(snapshot({ seq: 12, messages: [message(9), message(12)] }), [], old);
    expect(again.messages.map(({ seq }) => seq)).toEqual([1, 2, 8, 9, 12]);
  });

  it("takes events that waited before it", () => {
    const gap = withEvents(begun(snapshot()), FLOW.slice(4));
    const now = begun(snapshot({ seq: 4, messages: [message(1)], runs: [{ ...run({ status: "running", error: null }), text: "" }] }), [], gap);
    expect([now.seq, isMissing(now)]).toEqual([FLOW.length, false]);
  });
});

describe("pieces", () => {
  const at = (start: number, text: string, seq: number) => event(seq, "MESSAGE_DELTA", { message_id: "x", start, text });
  const textOf = (...pieces: ReturnType<typeof at>[]) => withEvents(begun(snapshot()), pieces).runs.get("r1")?.text;

  it("go where they say, counted in characters as the hub does", () => {
    expect(pointsOf("a🦉é")).toBe(3);
    expect(textOf(at(0, "a🦉", 1), at(2, "b", 2))).toBe("a🦉b");
  });

  it("of an answer that was begun anew replace it", () => {
    expect(textOf(at(0, "first try", 1), at(0, "second", 2), at(6, " one", 3))).toBe("second one");
    expect(textOf(at(0, "🦉🦉🦉", 1), at(1, "x", 2))).toBe("🦉x");
  });

  it("that leave a hole ask for a new snapshot", () => {
    const now = withEvents(begun(snapshot()), [at(0, "abc", 1), at(9, "x", 2)]);
    expect([now.broken, isMissing(now), now.runs.get("r1")?.text]).toEqual([true, true, "abc"]);
  });
});

describe("runs that end otherwise", () => {
  const asked = FLOW.slice(0, 5);

  it("stand below their question", () => {
    const failed = withEvents(begun(snapshot()), [...asked.slice(0, 4), event(5, "ERROR", { code: "unavailable", message: "away", temporary: true, message_id: null }), event(6, "MESSAGE_CREATED", { message: message(6), run_id: null })]);
    expect(shown(failed)).toEqual(["how?", "failed: ", "text 6"]);
    expect(failed.runs.get("r1")?.error).toEqual({ code: "unavailable", message: "away", temporary: true });
  });

  it("keep what was written", () => {
    const partial = message(6, { id: "p", role: "assistant", content: "Good", run_id: "r1", status: "partial" });
    const stopped = withEvents(begun(snapshot()), [...asked, event(6, "MESSAGE_CREATED", { message: partial }), event(7, "TASK_CANCELLED", { reason: "stopped", message_id: "p" })]);
    expect(shown(stopped)).toEqual(["how?", "cancelled: Good"]);
    expect(stopped.runs.get("r1")?.reason).toBe("stopped");
  });

  it("are known after a reload, and the newest try alone is shown", () => {
    const over = [run({ id: "r2", created_at: "2026-01-01T00:00:09Z", status: "cancelled", error: null }), run(), run({ id: "r0", status: "completed", error: null, message_id: "m3" })];
    const now = begun(snapshot({ seq: 3, messages: [message(1), message(3)] }), over);
    expect(shown(now)).toEqual(["text 1", "cancelled: ", "text 3"]);
  });

  it("are interrupted when the hub was", () => {
    const now = withEvents(begun(snapshot()), [...asked.slice(0, 4), event(5, "ERROR", { code: "interrupted", message: "", temporary: true, message_id: null })]);
    expect(now.runs.get("r1")?.status).toBe("interrupted");
  });
});

describe("several runs", () => {
  it("stand each below its question, also when that was asked meanwhile", () => {
    const second = message(9, { id: "ask-r2", content: "and then?", run_id: "r2" });
    const now = withEvents(begun(snapshot()), [
      ...FLOW.slice(0, 8), event(9, "MESSAGE_CREATED", { run_id: "r2", message: second }), event(10, "DIRECT_AGENT_CALL", { run_id: "r2", agent: "writer", message_id: "ask-r2" }), event(11, "TASK_QUEUED", { run_id: "r2", ahead: 1 }),
    ]);
    expect(shown(now)).toEqual(["how?", "running: Good morning 🦉, heron-7 ✓.", "and then?", "queued: "]);
    expect(now.runs.get("r2")?.ahead).toBe(1);
    const answer = message(12, { id: "reply-r1", role: "assistant", content: "Good morning.", run_id: "r1" });
    const told = [event(12, "MESSAGE_CREATED", { message: answer }), event(13, "TASK_COMPLETED", { message_id: answer.id })];
    expect(shown(withEvents(now, told))).toEqual(["how?", "completed: Good morning.", "and then?", "queued: "]);
  });

  it("of one question stand below it, as after a reload", () => {
    const reply = message(4, { role: "assistant", content: "at last", run_id: "r9" });
    const said = [message(1, { id: "m1", run_id: "r1" }), message(2, { id: "m2" }), reply];
    const tries = [run({ created_at: "2026-01-01T00:00:01Z" }), run({ id: "r9", created_at: "2026-01-01T00:00:09Z", status: "completed", error: null })];
    expect(shown(begun(snapshot({ seq: 4, messages: said }), tries))).toEqual(["text 1", "completed: at last", "text 2"]);
    expect(shown(begun(snapshot({ seq: 4, messages: [reply] }), tries))).toEqual(["completed: at last"]);
  });
});

describe("the hub's answer to a message", () => {
  const asked = message(1, { id: "ask-r1", content: "how?", run_id: "r1" });
  const queued = run({ status: "queued", error: null, message_id: "ask-r1" });

  it("shows it before its events come, which then add nothing twice", () => {
    const now = withSent(begun(snapshot()), asked, queued);
    expect(shown(now)).toEqual(["how?", "queued: "]);
    expect(shown(withEvents(now, FLOW))).toEqual(shown(whole));
  });

  it("says nothing new when it comes after them", () => expect(shown(withSent(whole, asked, queued))).toEqual(shown(whole)));
});

it("the agent that was asked last is known", () => {
  expect(lastAgent(begun(snapshot()))).toBeUndefined();
  expect(lastAgent(begun(snapshot({ messages: [message(1, { agent_id: "a1" }), message(2, { agent_id: "a2" }), message(3)] })))).toBe("a2");
  expect(lastAgent(whole)).toBe("a1");
});

it("titles follow", () => {
  const now = withEvents(begun(snapshot()), [event(1, "SESSION_CREATED", { title: "" }), event(2, "MESSAGE_CREATED", { title: "how?", message: message(2) }), event(3, "SESSION_CHANGED", { title: "Owls" })]);
  expect(now.title).toBe("Owls");
});
