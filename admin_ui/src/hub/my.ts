import type { Http } from "tocsin-client/http";
import type { Schema } from "./api";
import type { paths } from "./schema";

/** What the hub says below `/auth` and `/my`: accounts, agents, chat, memory. Times are ISO 8601, UTC. */

export type Person = Schema<"AccountState">;
export type Tokens = Schema<"TokensState">;
export type AgentConfig = Required<Schema<"AgentConfig">>;
export type Agent = Schema<"AgentState">;
export type ChatSession = Schema<"SessionState">;
/** A memory that an answer names. */
export interface Citation {
  /** As it stands in the text, in brackets. */
  readonly number: number;
  readonly memory_id: string;
  readonly text: string;
  readonly score: number;
}

export type Message = Omit<Schema<"MessageState">, "citations"> & { readonly citations: readonly Citation[] };
export type Run = Schema<"RunState">;
export type RunStatus = Run["status"];
export type Fault = NonNullable<Run["error"]>;
export type Trace = Schema<"TraceState">;
export type MemoryItem = Schema<"MemoryState">;

export interface PageOf<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; `null`: this is the last. */
  readonly next: string | null;
}

/** An open run as a snapshot has it: with what it has answered so far. */
export interface OpenRun extends Run {
  readonly text?: string;
}

export interface Retrieved {
  readonly memory_id: string;
  readonly score: number;
  readonly text: string;
  readonly created_at?: string;
}

/** One line of a session's log, as the channel, the stream and the list have it. */
export interface ChatEvent {
  readonly type: string;
  readonly data: { readonly seq: number; readonly run_id?: string | null; readonly agent_id?: string | null; readonly timestamp?: string } & Readonly<Record<string, unknown>>;
}

export interface Snapshot {
  readonly seq: number;
  readonly session: ChatSession;
  readonly messages: readonly Message[];
  readonly runs: readonly OpenRun[];
}

/** Asks the hub with the token of whoever is signed in. */
export type MyApi = Http<MyPaths>;

/** The part of the hub that is a user's own. */
export type MyPaths = { [Path in keyof paths as Path extends `/my/${string}` ? Path : never]: paths[Path] };
