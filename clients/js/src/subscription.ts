import { Cursor } from "./cursor.js";
import { HubError } from "./errors.js";
import { asyncDispose, TypedTarget } from "./events.js";
import { isPublication, positionOf, type Gap, type Message, type Position, type Publication, type Since } from "./protocol.js";
import { Queue } from "./queue.js";

/** `pending`: not on the channel now, because the connection is away or the answer on its way. */
export type SubscriptionState = "pending" | "live" | "closed";

export interface SubscribeOptions {
  /** The last position seen, to go on behind it; `{ offset: 0 }` for all that history holds. */
  readonly since?: Since;
  /** Also say who comes and goes, by the event `presence`. */
  readonly presence?: boolean;
  /** On a conflated channel: one publication per key in this time at most, in milliseconds (50 to 60,000). */
  readonly intervalMs?: number;
  /** Publications that wait for a `for await` loop at most; 1,000 unless told. */
  readonly queue?: number;
}

/** Somebody joined a channel or left it. */
export interface PresenceChange {
  readonly channel: string;
  readonly event: "join" | "leave";
  readonly client: { readonly client_id: string; readonly user: string | null; readonly session: string };
  readonly timestamp: string;
}

export interface SubscriptionEvents<Data> {
  publication: Publication<Data>;
  /** The publications of one type: `publication:alert`. */
  [type: `publication:${string}`]: Publication<Data>;
  gap: Gap;
  state: { readonly state: SubscriptionState; readonly previous: SubscriptionState };
  presence: PresenceChange;
  error: HubError;
}

/** What a subscription needs of its hub. */
export interface Home {
  read(channel: string, since: Since, answered: (reply: Message) => void, failed: (error: HubError) => void): void;
  left(subscription: Subscription<never>): void;
}

const QUEUE = 1_000;
/** Publications that wait while history is read; over it the oldest go, which the jump of offsets then tells. */
const MOST_HELD = 10_000;
/** Publications that one `history` command may give. */
const PAGE = 1_000;

/** One reader of one channel. Events, and `for await`; each loop has a queue of its own from its beginning on. */
export class Subscription<Data = unknown> extends TypedTarget<SubscriptionEvents<Data>> {
  #state: SubscriptionState = "pending";
  readonly #cursor: Cursor;
  readonly #queues = new Set<Queue<Data>>();
  #held: Message[] | undefined;
  #waiting: { live(): void; failed(error: HubError): void }[] = [];
  #error: HubError | undefined;
  #gap: Gap | undefined;
  #reading = 0;

  /** @internal */
  constructor(
    private readonly home: Home,
    readonly channel: string,
    readonly options: SubscribeOptions,
  ) {
    super();
    this.#cursor = new Cursor(channel, options.since);
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** The last position seen. Keep it, and give it as `since`, to go on after a reload. */
  get position(): Position | undefined {
    return this.since && positionOf(this.since);
  }

  /** @internal */
  get since(): Since | undefined {
    return this.#cursor.at;
  }

  /** Resolves when the hub has put this on the channel. Rejects when it refuses, or when this is closed. */
  ready(): Promise<void> {
    return new Promise((live, failed) => {
      if (this.#state === "live") live();
      else if (this.#state === "closed") failed(this.#error ?? new HubError("closed", "the subscription is closed"));
      else this.#waiting.push({ live, failed });
    });
  }

  /** Leaves the channel. Loops end behind what they have queued. */
  close(): void {
    this.#end();
  }

  async [asyncDispose](): Promise<void> {
    this.close();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Publication<Data>> {
    const dropped = (gap: Gap) => this.emit("gap", gap);
    const queue = new Queue<Data>(this.options.queue ?? QUEUE, dropped, (gone) => this.#queues.delete(gone));
    if (this.#state === "closed") queue.end(this.#error);
    else this.#queues.add(queue);
    return queue;
  }

  /** The hub's answer to `subscribe`. @internal */
  confirmed(reply: Message): void {
    if (this.#state === "closed") return;
    // Without `recovered` in the reply, this connection was on the channel already: the hub replays nothing then.
    if (this.since && reply["recovered"] === undefined) return this.#catchUp();
    this.#missed(this.#cursor.begin(reply, Number(reply["replayed"] ?? 0)));
    this.#become("live");
  }

  /** The connection is gone. @internal */
  interrupted(): void {
    this.#reading++;
    this.#held = undefined;
    if (this.#state === "live") this.#become("pending");
  }

  /** A message on this channel. @internal */
  receive(message: Message): void {
    if (this.#held) this.#hold(message);
    else if (this.#state === "live") this.#take(message);
  }

  /** The hub refused, or ended, the subscription. @internal */
  refused(error: HubError): void {
    this.emit("error", error);
    this.#end(error);
  }

  #take(message: Message): void {
    if (isPublication(message)) {
      const { seen, gap } = this.#cursor.take(message);
      this.#missed(gap);
      if (!seen) this.#give(message as unknown as Publication<Data>);
    } else if (message.type === "position") this.#missed(this.#cursor.take(message).gap);
    else if (message.type === "gap") this.#missed(this.#cursor.skip(message));
    else if (message.type === "presence" && this.options.presence) this.emit("presence", message as unknown as PresenceChange);
  }

  #missed(gap: Gap | undefined): void {
    if (!gap) return;
    this.#gap = gap;
    this.emit("gap", gap);
  }

  #give(publication: Publication<Data>): void {
    const gap = this.#gap;
    this.#gap = undefined;
    const given = gap ? { ...publication, gap } : publication;
    for (const queue of [...this.#queues]) queue.push(given);
    this.emit("publication", given);
    this.emit(`publication:${given.type}`, given);
  }

  #hold(message: Message): void {
    if ((this.#held?.push(message) ?? 0) > MOST_HELD) this.#held?.shift();
  }

  /** Reads what this reader missed from history, while what is new waits. */
  #catchUp(): void {
    const reading = ++this.#reading;
    const since = this.since;
    if (!since) return;
    this.#held ??= [];
    const current = () => reading === this.#reading && this.#state !== "closed";
    this.home.read(
      this.channel,
      since,
      (reply) => current() && this.#caughtUp(reply),
      (error) => current() && !error.temporary && this.#caughtUp({ recovered: false, publications: [] }),
    );
  }

  #caughtUp(reply: Message): void {
    const publications = reply["publications"] as Message[];
    const full = publications.length >= PAGE; // then there may be more, and a jump would tell what is missing
    this.#missed(this.#cursor.begin(full ? { ...reply, recovered: undefined } : reply, publications.length));
    for (const publication of publications) this.#take(publication);
    if (full) return this.#catchUp();
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#become("live");
    for (const message of held) this.receive(message);
  }

  #become(state: SubscriptionState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    if (state === "live") for (const { live } of this.#waiting.splice(0)) live();
    this.emit("state", { state, previous });
  }

  #end(error?: HubError): void {
    if (this.#state === "closed") return;
    this.#error = error;
    this.#held = undefined;
    const why = error ?? new HubError("closed", "the subscription was closed");
    for (const { failed } of this.#waiting.splice(0)) failed(why);
    for (const queue of this.#queues) queue.end(error);
    this.#queues.clear();
    this.#become("closed");
    this.home.left(this as unknown as Subscription<never>);
  }
}
