import type { Hub } from "./hub.js";

export interface SendOptions {
  /** Name or id; without it the first `@name` in the text, the agent of the session's newest run, or the only agent. */
  readonly targetAgent?: string;
  /** While a run of the session goes on: wait behind it (unless told), be refused, or stop it and go first. */
  readonly ifActive?: "queue" | "reject" | "steer";
  /** -100 to 100; higher comes first among what waits for the agent. */
  readonly priority?: number;
  /** The same key in the same session is the same run, however often it is sent; unless told, one of its own. */
  readonly idempotencyKey?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** How a message is answered. Times are UTC, ISO 8601. */
export interface Run {
  readonly id: string;
  readonly session_id: string;
  readonly agent_id: string | null;
  readonly agent_name: string;
  /** The user's message. */
  readonly message_id: string;
  readonly status: "waiting" | "queued" | "running" | "completed" | "failed" | "cancelled" | "interrupted";
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly temporary: boolean } | null;
  readonly usage: Readonly<Record<string, unknown>> | null;
  /** What it wrote, whole or partial. */
  readonly reply_id: string | null;
}

/** A message of a session, as it is stored. */
export interface ChatMessage {
  readonly id: string;
  /** Of the event that told of it: the order of messages. */
  readonly seq: number;
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly agent_id: string | null;
  readonly agent_name: string;
  readonly run_id: string | null;
  readonly status: "complete" | "partial";
  readonly citations: readonly { readonly number: number; readonly memory_id: string; readonly text: string; readonly score: number }[];
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly created_at: string;
}

/**
 * Sends messages to agents, and stops them, over a hub's connection; what becomes of them comes on the channel
 * `session:ID`. The connection needs a user's token. All of it may be repeated: it is sent again when the connection ends
 * before the answer.
 */
export class Chat {
  constructor(private readonly hub: Hub) {}

  /** Sends a message in a session of one's own; resolves when it is stored, before it is answered. Throws `HubError`. */
  async sendMessage(session: string, content: string, options: SendOptions = {}): Promise<{ run: Run; message: ChatMessage }> {
    const { targetAgent: target_agent, ifActive: if_active, priority, idempotencyKey: idempotency_key = makeKey(), timeout } = options;
    const command = { action: "send_message", session, content, target_agent, if_active, priority, idempotency_key };
    const { run, message } = await this.hub.ask(command, timeout);
    return { run: run as Run, message: message as ChatMessage };
  }

  /** Stops a run of one's own; gives it as it is then. Throws `HubError`. */
  async stopRun(run: string, { timeout }: { readonly timeout?: number } = {}): Promise<Run> {
    return (await this.hub.ask({ action: "stop_run", run }, timeout))["run"] as Run;
  }

  /** Stops what goes on and what waits in a session of one's own; tells how many runs that were. Throws `HubError`. */
  async stopSession(session: string, { timeout }: { readonly timeout?: number } = {}): Promise<number> {
    return (await this.hub.ask({ action: "stop_session", session }, timeout))["stopped"] as number;
  }
}

/** Not to be guessed right by chance; nobody gains by guessing it. (`crypto.randomUUID` is only there on https.) */
const makeKey = (): string => Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
