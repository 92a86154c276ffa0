import type { ChatEvent, Message, Run, Snapshot } from "../../src/hub/my";

/** What a hub says of a session, made up. */

export const message = (seq: number, given: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  seq,
  role: "user",
  content: `text ${seq}`,
  agent_id: null,
  agent_name: "",
  run_id: null,
  status: "complete",
  citations: [],
  usage: null,
  created_at: `2026-01-01T00:00:${String(seq % 60).padStart(2, "0")}Z`,
  ...given,
});

export const event = (seq: number, type: string, data: Readonly<Record<string, unknown>> = {}): ChatEvent =>
  ({ type, data: { seq, run_id: "r1", agent_id: "a1", timestamp: "2026-01-01T00:00:00Z", ...data } }) as unknown as ChatEvent;

export const snapshot = (given: Partial<Snapshot> = {}): Snapshot => ({
  seq: 0,
  session: { id: "s", title: "", last_seq: 0, channel: "session:s", created_at: "", updated_at: "", active_runs: 0 },
  messages: [],
  runs: [],
  ...given,
});

export const run = (given: Partial<Run> = {}): Run => ({
  id: "r1",
  session_id: "s",
  agent_id: "a1",
  agent_name: "coder",
  message_id: "m1",
  status: "failed",
  created_at: "2026-01-01T00:00:01Z",
  started_at: null,
  completed_at: null,
  error: { code: "unavailable", message: "the model is away", temporary: true },
  usage: null,
  reply_id: null,
  ...given,
});

/** A direct call as the hub tells it: a question, its run, and the answer in pieces. */
export function call(first: number, pieces: readonly string[], id = "r1", question = "how?"): readonly ChatEvent[] {
  let seq = first;
  let start = 0;
  const reply = `reply-${id}`;
  const of = (type: string, data: Readonly<Record<string, unknown>>) => event(seq++, type, { run_id: id, ...data });
  const asked = message(first, { id: `ask-${id}`, content: question, run_id: id });
  const events = [
    of("MESSAGE_CREATED", { message: asked }),
    of("DIRECT_AGENT_CALL", { agent: "coder", message_id: asked.id }),
    of("TASK_STARTED", { agent: "coder", model: "offline/retrieval" }),
    of("CONTEXT_RETRIEVED", { count: 2, items: [] }),
    ...pieces.map((text) => {
      const delta = of("MESSAGE_DELTA", { message_id: reply, start, text });
      start += [...text].length;
      return delta;
    }),
  ];
  const answer = message(seq, { id: reply, role: "assistant", content: pieces.join(""), run_id: id, agent_id: "a1", agent_name: "coder" });
  events.push(of("MESSAGE_CREATED", { message: answer }), of("TASK_COMPLETED", { message_id: reply, usage: null, seconds: 1 }));
  return events;
}
