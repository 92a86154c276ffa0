import { backoff } from "./backoff.js";
import { Connection, type ConnectionOptions, type State, type StateChange } from "./connection.js";
import type { Environment } from "./environment.js";
import { HubError } from "./errors.js";
import { asyncDispose, TypedTarget } from "./events.js";
import { isPublication, type Command, type Gap, type Message, type Publication, type Since } from "./protocol.js";
import { Subscription, type Home, type SubscribeOptions } from "./subscription.js";
import type { Lasting } from "./requests.js";

export interface HubEvents {
  state: StateChange;
  /** A message to this client alone: `type`, `data`, `timestamp`. */
  message: Message;
  /** Something is missing on one of the subscriptions. */
  gap: Gap;
  error: unknown;
}

export interface HubOptions extends ConnectionOptions {
  /** Milliseconds that a request may wait for its answer, connecting included. */
  readonly requestTimeout: number;
}

export interface PublishOptions {
  /** The same key on the same channel is published once within 5 minutes, so it is sent again when a connection ends. */
  readonly idempotencyKey?: string;
  /** On a channel with `conflate: key`: which earlier publication this one replaces. */
  readonly key?: string;
  /** `false`: not to this connection itself. */
  readonly echo?: boolean;
  /** From 1; published only if it is newer than the channel's. */
  readonly version?: number;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface Published {
  readonly channel: string;
  readonly epoch?: string;
  readonly offset?: number;
  readonly subscribers?: number;
  /** An earlier publication with this idempotency key has the position. */
  readonly duplicate?: boolean;
  /** Accepted while the broker is away; it has no position yet. */
  readonly queued?: boolean;
  /** Not published, because its `version` isn't newer. */
  readonly superseded?: boolean;
}

export interface HistoryOptions {
  readonly since?: Since;
  /** 0 to 1,000; 100 unless told. */
  readonly limit?: number;
  /** Newest first. */
  readonly reverse?: boolean;
  readonly timeout?: number;
}

export interface History<Data = unknown> {
  readonly channel: string;
  readonly publications: readonly Publication<Data>[];
  readonly epoch: string;
  readonly offset: number;
  readonly recovered?: boolean;
}

export interface Presence {
  readonly channel: string;
  readonly clients: number;
  readonly users: number;
  readonly members?: readonly {
    readonly client_id: string;
    readonly user: string | null;
    readonly session: string;
    readonly since: string;
  }[];
}

export interface Stats {
  readonly total_clients: number;
  readonly total_channels: number;
  readonly total_messages_sent: number;
  readonly total_connections_ever: number;
  readonly channel_stats: Readonly<Record<string, number>>;
  readonly active_channels: readonly string[];
}

/** A hub, over however many connections that takes. Make one with `connect`. */
export class Hub extends TypedTarget<HubEvents> {
  readonly #connection: Connection;
  readonly #subscriptions = new Set<Subscription<never>>();
  /** Asked for on this connection; what isn't in it is asked for in the next turn. */
  readonly #asked = new Set<Subscription<never>>();
  readonly #wired = new Set<string>();
  readonly #home: Home = {
    read: (...asked) => this.#read(...asked),
    left: (subscription) => this.#left(subscription),
  };
  #syncing = false;
  #timer: unknown;
  #retries = 0;

  /** @internal */
  constructor(
    private readonly options: HubOptions,
    private readonly environment: Environment,
  ) {
    super();
    this.#connection = new Connection(options, environment, {
      changed: (change) => this.#changed(change),
      opened: () => this.#sync(),
      lost: () => this.#lost(),
      message: (message) => this.#receive(message),
      failed: (error) => this.emit("error", error),
    });
    void this.#connection.open();
  }

  get state(): State {
    return this.#connection.state;
  }

  /** The hub's last welcome: `user`, `operator`, `limits` and more (docs/protocol.md). */
  get welcome(): Message | undefined {
    return this.#connection.welcome;
  }

  /** The channels that the hub's last welcome named. */
  get channels(): readonly string[] {
    return (this.welcome?.["available_channels"] as string[] | undefined) ?? [];
  }

  /** Reads a channel, now and over every later connection, until it is closed. */
  subscribe<Data = unknown>(channel: string, options: SubscribeOptions = {}): Subscription<Data> {
    const subscription = new Subscription<Data>(this.#home, channel, options);
    subscription.addEventListener("gap", ({ detail }) => this.emit("gap", detail));
    if (this.state === "closed") subscription.refused(new HubError("closed", "the hub object is closed"));
    else this.#subscriptions.add(subscription as unknown as Subscription<never>);
    this.#sync();
    return subscription;
  }

  /**
   * Publishes to one channel and gives the publication's place.
   *
   * Throws `HubError`. With an `idempotencyKey` it is sent again when a connection ends before the answer. Without one
   * that is the error `disconnected`: it may have been published.
   */
  async publish(channel: string, type: string, data: unknown, options: PublishOptions = {}): Promise<Published> {
    const { idempotencyKey: idempotency_key, key, echo, version, timeout } = options;
    const command = { action: "publish", channel, type, data, idempotency_key, key, echo, version };
    const reply = await this.#request(command, idempotency_key === undefined ? "once" : "again", timeout);
    const [result] = reply["results"] as [Published & { error?: Record<string, unknown> }];
    if (result.error) throw HubError.from(result.error);
    return result;
  }

  /** Reads a piece of a channel's history. Throws `HubError`. */
  async history<Data = unknown>(channel: string, { timeout, ...options }: HistoryOptions = {}): Promise<History<Data>> {
    return (await this.#request({ action: "history", channel, ...options }, "again", timeout)) as unknown as History<Data>;
  }

  /** Tells who is on a channel. Throws `HubError`. */
  async presence(channel: string, options: { members?: boolean; timeout?: number } = {}): Promise<Presence> {
    const { timeout, ...fields } = options;
    return (await this.#request({ action: "presence", channel, ...fields }, "again", timeout)) as unknown as Presence;
  }

  /** Gives the hub's numbers. Throws `HubError`. */
  async stats({ timeout }: { timeout?: number } = {}): Promise<Stats> {
    return (await this.#request({ action: "stats" }, "again", timeout))["data"] as Stats;
  }

  /** Sends a command that may be repeated; for what is built on this. @internal */
  ask(command: Command, timeout?: number): Promise<Message> {
    return this.#request(command, "again", timeout);
  }

  /** Ends the connection and all subscriptions, for good. */
  close(): void {
    this.#connection.close();
  }

  async [asyncDispose](): Promise<void> {
    this.close();
  }

  #request(command: Command, lasting: Lasting, timeout = this.options.requestTimeout): Promise<Message> {
    return new Promise((answered, failed) => this.#connection.ask(command, lasting, timeout, { answered, failed }));
  }

  #receive(message: Message): void {
    const about = isPublication(message) ? "publication" : message.type;
    if (about === "error") this.emit("error", HubError.from(message));
    else if (message.channel === undefined) "data" in message && this.emit("message", message);
    else {
      for (const reader of [...this.#subscriptions].filter(({ channel }) => channel === message.channel)) {
        if (about === "unsubscribed") reader.refused(HubError.from(message));
        else reader.receive(message);
      }
      if (about === "unsubscribed") this.#wired.delete(message.channel);
    }
  }

  #changed(change: StateChange): void {
    if (change.state === "closed") {
      this.environment.clearTimer(this.#timer);
      const error = new HubError("closed", change.reason || "the hub object was closed");
      for (const subscription of [...this.#subscriptions]) {
        if (change.code === 1000 && !change.reason) subscription.close();
        else subscription.refused(error);
      }
    }
    this.emit("state", change);
  }

  #lost(): void {
    this.#asked.clear();
    this.#wired.clear();
    for (const subscription of this.#subscriptions) subscription.interrupted();
  }

  readonly #read: Home["read"] = (channel, since, answered, failed) => {
    const again = (error: HubError) => {
      if (!error.temporary || error.code === "disconnected") return failed(error);
      this.environment.setTimer(() => this.#read(channel, since, answered, failed), this.#pause(error));
    };
    this.#connection.ask({ action: "history", channel, since, limit: 1_000 }, "link", 0, { answered, failed: again });
  };

  /** Milliseconds before something that was refused for the moment is asked again. */
  #pause({ retryAfter = 0 }: HubError): number {
    return Math.max(retryAfter, backoff(this.#retries++, this.environment.random));
  }

  #left(subscription: Subscription<never>): void {
    this.#subscriptions.delete(subscription);
    this.#asked.delete(subscription);
    this.#sync();
  }

  /** Brings what the hub has been asked for in line with what is wanted: at most once per turn, in one frame. */
  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    queueMicrotask(() => {
      this.#syncing = false;
      if (!this.#connection.live) return;
      const wanted = new Set([...this.#subscriptions].map(({ channel }) => channel));
      for (const channel of this.#wired) if (!wanted.has(channel)) this.#unsubscribe(channel);
      const groups = new Map<string, Subscription<never>[]>();
      for (const subscription of this.#subscriptions) {
        if (this.#asked.has(subscription)) continue;
        this.#asked.add(subscription);
        const key = JSON.stringify([subscription.channel, subscription.since]);
        groups.set(key, [...(groups.get(key) ?? []), subscription]);
      }
      for (const group of groups.values()) this.#subscribe(group);
    });
  }

  #unsubscribe(channel: string): void {
    this.#wired.delete(channel);
    const failed = () => {}; // it wasn't on the channel any more, or the connection is gone
    this.#connection.ask({ action: "unsubscribe", channel }, "link", 0, { answered() {}, failed });
  }

  /** Asks once for the readers of one channel that are at the same position. */
  #subscribe(group: readonly Subscription<never>[]): void {
    const [first] = group;
    if (!first) return;
    const { channel, since } = first;
    this.#wired.add(channel);
    const readers = [...this.#subscriptions].filter((reader) => reader.channel === channel);
    const presence = readers.some(({ options }) => options.presence) || undefined;
    const intervals = readers.map(({ options }) => options.intervalMs ?? 0);
    const interval_ms = Math.min(...intervals) || undefined;
    this.#connection.ask({ action: "subscribe", channel, since, presence, interval_ms }, "link", 0, {
      answered: (reply) => {
        this.#retries = 0;
        for (const subscription of group) subscription.confirmed(reply);
      },
      failed: (error) => this.#refused(group, error),
    });
  }

  #refused(group: readonly Subscription<never>[], error: HubError): void {
    if (!error.temporary) {
      for (const subscription of group) subscription.refused(error);
    } else if (error.code !== "disconnected") {
      for (const subscription of group) this.#asked.delete(subscription);
      this.environment.clearTimer(this.#timer);
      this.#timer = this.environment.setTimer(() => this.#sync(), this.#pause(error));
    }
  }
}
