import type { Http } from "tocsin-client/http";
import type { Schema } from "./api";
import type { paths } from "./schema";

/** What the hub says below `/auth` and `/my`: accounts, agents, chat, memory. Times are ISO 8601, UTC. */

export type Person = Schema<"AccountState">;
export type Tokens = Schema<"TokensState">;
export type AgentConfig = Required<Schema<"AgentConfig">>;
export type Agent = Schema<"AgentState">;
export type ChatSession = Schema<"SessionState">;
export type Citation = Schema<"CitationState">;
export type Message = Schema<"MessageState">;
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

export type Retrieved = Schema<"RetrievedState">;

type Told<Event> = Event extends { readonly type: unknown; readonly data: unknown } ? Pick<Event, "type" | "data"> : never;

/** One line of a session's log, as the channel, the stream and the list have it. `type` says what `data` is. */
export type ChatEvent = Told<Schema<"EventState">>;

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
