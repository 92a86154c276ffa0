import type { Schema } from "../../hub/api";
import type { ChatEvent, Fault, Message, OpenRun, Retrieved, Run, RunStatus, Snapshot } from "../../hub/my";

/**
 * A conversation, made of a snapshot and the events after it. Pure: the same snapshot and the same events give the same
 * conversation, in whatever order and however often the events come.
 */

export interface LiveRun {
  readonly id: string;
  readonly agentId: string | undefined;
  readonly agent: string;
  /** The question. */
  readonly messageId: string | undefined;
  readonly status: RunStatus;
  /** What it has answered so far; "" again once that is a message. */
  readonly text: string;
  /** Characters of the text as the hub counts them: code points. */
  readonly length: number;
  readonly replyId: string | undefined;
  /** Runs before it in the queue, as it was told. */
  readonly ahead: number | undefined;
  readonly model: string | undefined;
  readonly retrieved: { readonly count: number; readonly items: readonly Retrieved[] } | undefined;
  readonly retries: readonly { readonly model: string; readonly reason: string }[];
  readonly error: Fault | undefined;
  readonly reason: string | undefined;
  readonly createdAt: string;
}

export interface Conversation {
  /** All events up to this one are in it. */
  readonly seq: number;
  readonly title: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** In the order in which they began. */
  readonly runs: ReadonlyMap<string, LiveRun>;
  /** Events that came before one that is before them, by their numbers. */
  readonly held: ReadonlyMap<number, ChatEvent>;
  /** A piece of an answer didn't fit to what was there: a new snapshot is needed. */
  readonly broken: boolean;
}

/** Events that wait for an earlier one at most; beyond it a new snapshot is cheaper. */
export const MOST_HELD = 2_000;

const OPEN: ReadonlySet<RunStatus> = new Set(["waiting", "queued", "running"]);

export const isOpen = ({ status }: Pick<LiveRun, "status">): boolean => OPEN.has(status);

/** Something is missing before what came: it has to be read. */
export const isMissing = ({ held, broken }: Conversation): boolean => held.size > 0 || broken;

/** Begins with a snapshot, and the runs that are over. What was read of older messages stays. */
export function begun(snapshot: Snapshot, over: readonly Run[] = [], before?: Conversation): Conversation {
  const runs = new Map<string, LiveRun>();
  for (const run of [...over].sort((one, other) => one.created_at.localeCompare(other.created_at))) runs.set(run.id, asLive(run));
  // The list of runs was read later than the snapshot: a run that is open here may be over there, and its events are still to come.
  for (const run of snapshot.runs) runs.set(run.id, asLive(run));
  const began: Conversation = {
    seq: snapshot.seq,
    title: snapshot.session.title,
    messages: merged(before?.messages ?? [], snapshot.messages),
    runs,
    held: new Map(),
    broken: false,
  };
  return withEvents(began, [...(before?.held.values() ?? [])]);
}

/** Takes events, each once, in the order of their numbers. The same object when none of them is new. */
export function withEvents(conversation: Conversation, events: readonly ChatEvent[]): Conversation {
  const waiting = new Map(conversation.held);
  for (const event of events) {
    const seq = event.data?.seq;
    if (Number.isInteger(seq) && seq > conversation.seq && !waiting.has(seq)) waiting.set(seq, event);
  }
  if (waiting.size === conversation.held.size) return conversation;
  let next: Draft = { ...conversation, runs: new Map(conversation.runs) };
  for (let event = waiting.get(next.seq + 1); event; event = waiting.get(next.seq + 1)) {
    waiting.delete(event.data.seq);
    next = { ...applied(next, event), seq: event.data.seq };
  }
  return { ...next, held: waiting, broken: next.broken || waiting.size > MOST_HELD };
}

/** Adds older messages. */
export const withOlder = (conversation: Conversation, older: readonly Message[]): Conversation => ({
  ...conversation,
  messages: merged(conversation.messages, older),
});

/** Adds what the hub answered to a message, which may be here before its events are. */
export function withSent(conversation: Conversation, message: Message, run: Run): Conversation {
  const runs = new Map(conversation.runs);
  if (!runs.has(run.id) && message.seq > conversation.seq) runs.set(run.id, asLive(run));
  return { ...conversation, messages: merged(conversation.messages, [message]), runs };
}

type Draft = Omit<Conversation, "runs"> & { readonly runs: Map<string, LiveRun> };

function applied(state: Draft, event: ChatEvent): Draft {
  const { run_id: id } = event.data;
  const run = (change: (run: LiveRun) => Partial<LiveRun>): Draft => {
    if (!id) return state;
    const known = state.runs.get(id) ?? fresh(id, event.data);
    state.runs.set(id, { ...known, ...change(known) });
    return state;
  };
  switch (event.type) {
    case "SESSION_CREATED":
    case "SESSION_CHANGED":
      return { ...state, title: event.data.title };
    case "MESSAGE_CREATED":
      return withMessage({ ...state, title: event.data.title ?? state.title }, event.data.message);
    case "DIRECT_AGENT_CALL":
      return run(() => ({ agent: event.data.agent, messageId: event.data.message_id }));
    case "TASK_QUEUED":
      return run(({ status }) => ({ status: status === "running" ? "running" : "queued", ahead: event.data.ahead }));
    case "TASK_STARTED":
      return run(() => ({ status: "running", ahead: undefined, agent: event.data.agent, model: event.data.model }));
    case "CONTEXT_RETRIEVED":
      return run(() => ({ retrieved: { count: event.data.count, items: event.data.items } }));
    case "MODEL_RETRIED":
      return run(({ retries }) => ({ retries: [...retries, { model: event.data.model, reason: event.data.reason }] }));
    case "MESSAGE_DELTA":
      return withDelta(state, event.data);
    case "TASK_COMPLETED":
      return run(() => ({ status: "completed", replyId: event.data.message_id }));
    case "TASK_CANCELLED":
      return run((known) => ({ status: "cancelled", reason: event.data.reason, replyId: event.data.message_id ?? known.replyId }));
    case "ERROR": {
      const { code, message, temporary, message_id } = event.data;
      return run((known) => ({ status: code === "interrupted" ? "interrupted" : "failed", error: { code, message, temporary }, replyId: message_id ?? known.replyId }));
    }
    default:
      return state; // of a newer hub
  }
}

function withMessage(state: Draft, message: Message | undefined): Draft {
  if (!message?.id) return state; // a broken one does no harm
  const run = message.role === "assistant" && message.run_id ? state.runs.get(message.run_id) : undefined;
  if (run) state.runs.set(run.id, { ...run, text: "", length: 0, replyId: message.id });
  return { ...state, messages: merged(state.messages, [message]) };
}

/** A piece goes where it says that it begins: an answer that was begun anew goes on from there. */
function withDelta(state: Draft, data: Schema<"MessageDeltaData">): Draft {
  const { text: piece, start, run_id: id, message_id: replyId } = data;
  if (!id) return state;
  const run = state.runs.get(id) ?? fresh(id, data);
  if (start > run.length) return { ...state, broken: true };
  const kept = start === run.length ? run.text : firstOf(run.text, start);
  state.runs.set(id, { ...run, status: "running", text: kept + piece, length: start + pointsOf(piece), replyId });
  return state;
}

/** Code points, of which some take two places in a text here. */
export const pointsOf = (value: string): number => (/[\ud800-\udbff]/.test(value) ? [...value].length : value.length);

const firstOf = (value: string, points: number): string =>
  /[\ud800-\udbff]/.test(value) ? [...value].slice(0, points).join("") : value.slice(0, points);

const fresh = (id: string, { agent_id, timestamp }: Pick<ChatEvent["data"], "agent_id" | "timestamp">): LiveRun => ({
  id,
  agentId: agent_id ?? undefined,
  agent: "",
  messageId: undefined,
  status: "waiting",
  text: "",
  length: 0,
  replyId: undefined,
  ahead: undefined,
  model: undefined,
  retrieved: undefined,
  retries: [],
  error: undefined,
  reason: undefined,
  createdAt: timestamp,
});

function asLive(run: OpenRun & { readonly message_id?: string | null }): LiveRun {
  const soFar = run.text ?? "";
  return {
    ...fresh(run.id, { agent_id: run.agent_id, timestamp: run.created_at }),
    agent: run.agent_name,
    messageId: run.message_id ?? undefined,
    status: run.status,
    text: soFar,
    length: pointsOf(soFar),
    replyId: run.reply_id ?? undefined,
    error: run.error ?? undefined,
  };
}

/** Both, each message once, in their order; of the same one the latter. */
function merged(one: readonly Message[], other: readonly Message[]): readonly Message[] {
  if (!other.length) return one;
  const last = one.at(-1);
  if (last && other.every(({ seq }, at) => seq > (other[at - 1]?.seq ?? last.seq))) return [...one, ...other];
  const byId = new Map([...one, ...other].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/** One line of what is shown: a question, or an answer: as it comes, as it is, or why there is none. */
export type Line =
  | { readonly kind: "question"; readonly key: string; readonly message: Message }
  | { readonly kind: "answer"; readonly key: string; readonly message: Message | undefined; readonly run: LiveRun | undefined };

/**
 * What is shown: questions in their order, each with what answers it below, whether it is there, comes, waits, or ended
 * without one. (A question that was asked meanwhile doesn't come between.) Of several runs for one question those with an
 * answer are shown, and the newest. An answer keeps its key from its first word on.
 */
export function linesOf({ messages, runs }: Conversation): readonly Line[] {
  const asked = new Map<string, string>();
  for (const { id, role, run_id } of messages) if (role === "user" && run_id) asked.set(run_id, id);
  const questions = new Set(messages.filter(({ role }) => role === "user").map(({ id }) => id));
  const below = new Map<string, Line[]>();
  const put = (run: LiveRun | undefined, id: string | null | undefined, line: Line): boolean => {
    const question = run?.messageId ?? asked.get(id ?? "");
    if (question === undefined || !questions.has(question)) return false;
    below.set(question, [...(below.get(question) ?? []), line]);
    return true;
  };
  const answered = new Set<string>();
  const alone = new Map<string, Line>();
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    const run = message.run_id ? runs.get(message.run_id) : undefined;
    const line: Line = { kind: "answer", key: message.run_id ?? message.id, message, run };
    if (message.run_id) answered.add(message.run_id);
    if (!put(run, message.run_id, line)) alone.set(message.id, line);
  }
  const latest = new Map<string, LiveRun>();
  for (const run of runs.values()) if (run.messageId) latest.set(run.messageId, run);
  const last: Line[] = [];
  for (const run of runs.values()) {
    if (answered.has(run.id) || run.status === "completed") continue;
    if (!isOpen(run) && latest.get(run.messageId ?? "") !== run) continue;
    const line: Line = { kind: "answer", key: run.id, message: undefined, run };
    if (!put(run, run.id, line) && isOpen(run)) last.push(line);
  }
  const lines = messages.flatMap((message): readonly Line[] => {
    if (message.role !== "user") return [alone.get(message.id)].filter((line) => line !== undefined);
    return [{ kind: "question", key: message.id, message }, ...(below.get(message.id) ?? [])];
  });
  return [...lines, ...last];
}

/** Runs that go on, or wait. */
export const openRuns = ({ runs }: Conversation): readonly LiveRun[] => [...runs.values()].filter(isOpen);

/** The agent that was asked last. */
export function lastAgent({ messages, runs }: Conversation): string | undefined {
  const run = [...runs.values()].at(-1);
  const message = [...messages].reverse().find(({ agent_id }) => agent_id);
  const isNewer = run && (!message || run.createdAt > message.created_at);
  return (isNewer ? run.agentId : message?.agent_id) ?? run?.agentId;
}
