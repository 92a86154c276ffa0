import { HubError } from "tocsin-client";
import type { ChatEvent, Message, PageOf, Run, Snapshot } from "../../hub/my";
import { begun, isMissing, withEvents, withOlder, withSent, type Conversation } from "./conversation";

/** A piece of a session's log. */
export interface Logged {
  readonly items: readonly ChatEvent[];
  /** Of the newest event of all. */
  readonly last_seq: number;
}

/** Where a conversation comes from. */
export interface Source {
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  /** The newest runs, those that are over included. */
  runs(signal: AbortSignal): Promise<readonly Run[]>;
  events(after: number, signal: AbortSignal): Promise<Logged>;
  older(before: number, signal: AbortSignal): Promise<PageOf<Message>>;
  /** Follows the channel. `live`: the hub has put us on it, for the first time or again. Returns what leaves it. */
  listen(heard: (event: ChatEvent) => void, live: () => void, failed: () => void): () => void;
}

export interface Followed {
  readonly conversation: Conversation | undefined;
  /** Why it can't be read. What was read stays. */
  readonly error: unknown;
  /** There are older messages than the first one. */
  readonly hasOlder: boolean;
  readonly readsOlder: boolean;
}

/** Milliseconds that events are gathered for, and that a missing one may still come by itself. */
const GATHER = 24;
const PATIENCE = 250;

/** Milliseconds until what failed is tried again. */
const AGAIN = 2_000;

/** Messages that a snapshot has. */
const SNAPSHOT = 50;

/**
 * Keeps a conversation as it is on the hub: a snapshot, then what the channel says. What the channel didn't bring is read
 * from the log, by the number of the last event that is in.
 */
export class Follower {
  #shown: Followed = { conversation: undefined, error: undefined, hasOlder: false, readsOlder: false };
  #heard: ChatEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #gone: AbortController | undefined;
  #leave: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  /** The hub doesn't let us on the channel: then the log is read again and again. */
  #deaf = false;
  readonly #followers = new Set<() => void>();

  constructor(private readonly source: Source) {}

  readonly read = (): Followed => this.#shown;

  readonly follow = (changed: () => void): (() => void) => {
    this.#followers.add(changed);
    if (this.#followers.size === 1) this.#begin();
    return () => {
      this.#followers.delete(changed);
      if (!this.#followers.size) this.#end();
    };
  };

  /** Takes the hub's answer to a message, without waiting for its events. */
  sent(message: Message, run: Run): void {
    const { conversation } = this.#shown;
    if (conversation) this.#show({ conversation: withSent(conversation, message, run) });
  }

  /** Reads what may be missing. */
  readonly catchUp = (): void => {
    if (this.#reading) this.#again = true;
    else this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#again) this.catchUp();
    });
  };

  readonly readOlder = async (): Promise<void> => {
    const { conversation, hasOlder, readsOlder } = this.#shown;
    const first = conversation?.messages[0];
    if (!first || !hasOlder || readsOlder || !this.#gone) return;
    const { signal } = this.#gone;
    this.#show({ readsOlder: true });
    try {
      const { items, next } = await this.source.older(first.seq, signal);
      const now = this.#shown.conversation;
      if (now) this.#show({ conversation: withOlder(now, items), hasOlder: next !== null && items.length > 0, readsOlder: false });
    } catch {
      if (!signal.aborted) this.#show({ readsOlder: false }); // who scrolls on asks again
    }
  };

  #begin(): void {
    this.#gone = new AbortController();
    this.#leave = this.source.listen((event) => this.#take(event), this.catchUp, () => {
      this.#deaf = true;
      this.#soon(AGAIN);
    });
    this.catchUp();
  }

  #end(): void {
    this.#leave?.();
    this.#gone?.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#leave = this.#gone = this.#timer = this.#later = undefined;
    this.#heard = [];
    this.#deaf = false;
  }

  #take(event: ChatEvent): void {
    this.#heard.push(event);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER);
  }

  #flush(): void {
    this.#timer = undefined;
    const { conversation } = this.#shown;
    if (!conversation) return; // they wait for the snapshot
    const next = withEvents(conversation, this.#heard);
    this.#heard = [];
    if (next === conversation) return;
    this.#show({ conversation: next });
    if (isMissing(next)) this.#soon(PATIENCE);
  }

  #soon(delay: number): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      const { conversation, error } = this.#shown;
      if (this.#deaf || error !== undefined || !conversation || isMissing(conversation)) this.catchUp();
    }, delay);
  }

  async #read(): Promise<void> {
    this.#again = false;
    const signal = this.#gone?.signal;
    if (!signal || signal.aborted) return;
    try {
      if (!this.#shown.conversation || !(await this.#readEvents(signal))) await this.#readAll(signal);
      if (signal.aborted) return;
      this.#show({ error: undefined });
      this.#flush();
      if (this.#deaf) this.#soon(AGAIN);
    } catch (error) {
      if (signal.aborted) return;
      this.#show({ error });
      if (!(error instanceof HubError) || error.temporary) this.#soon(AGAIN);
    }
  }

  /** Reads the log on from the last event; `false` when that leads nowhere. */
  async #readEvents(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const now = this.#shown.conversation;
      if (!now || now.broken) return false;
      const { items, last_seq } = await this.source.events(now.seq, signal);
      if (signal.aborted) return true;
      const next = withEvents(this.#shown.conversation ?? now, items);
      this.#show({ conversation: next });
      if (next.seq >= last_seq) return !next.broken;
      if (next.seq === now.seq) return false;
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const snapshot = await this.source.snapshot(signal);
    const runs = await this.source.runs(signal);
    if (signal.aborted) return;
    const before = this.#shown.conversation;
    const conversation = withEvents(begun(snapshot, runs, before), this.#heard);
    this.#heard = [];
    this.#show({ conversation, hasOlder: before ? this.#shown.hasOlder : snapshot.messages.length >= SNAPSHOT });
  }

  #show(change: Partial<Followed>): void {
    this.#shown = { ...this.#shown, ...change };
    for (const changed of [...this.#followers]) changed();
  }
}
