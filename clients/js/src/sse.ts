import { Api } from "./api.js";
import { HubError } from "./errors.js";
import { eventsOf } from "./event-stream.js";
import { isPublication, positionOf, type Command, type Message, type Since } from "./protocol.js";
import type { Link, LinkEvents, LinkOptions, Transport } from "./transport.js";

/**
 * Carries the protocol over plain HTTP, for networks that let no WebSocket through: what is published comes as one stream
 * of Server-Sent Events, and commands go as requests of their own. The hub closes no gap between two streams for channels
 * without history; on all others positions carry over.
 */
export const sse: Transport = (options, events) => new StreamLink(options, events);

interface Wanted {
  /** Where the next stream is to begin. */
  since: Since | undefined;
  /** Ids of the `subscribe` commands that have no answer yet. */
  asked: Command[];
  /** The hub couldn't prove that nothing is missing before the next publication. */
  lost: boolean;
}

class StreamLink implements Link {
  readonly #gone = new AbortController();
  readonly #api: Api;
  readonly #wanted = new Map<string, Wanted>();
  #stream = new AbortController();
  #opening = false;
  /** Channels that are tried one by one, because a stream with all of them was refused. */
  #later: [string, Wanted][] = [];

  constructor(
    options: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    this.#api = new Api(options, this.#gone.signal);
    void this.#greet();
  }

  send(commands: readonly Command[]): void {
    for (const command of commands) this.#do(command);
  }

  close(): void {
    this.#gone.abort();
    this.#stream.abort();
  }

  /** The stream itself can't be opened before there is a channel. This shows that the hub is there and takes the token. */
  async #greet(): Promise<void> {
    try {
      const channels = await this.#api.channels();
      this.#tell({ type: "connection", status: "connected", available_channels: channels });
    } catch (error) {
      this.#failed(error);
    }
  }

  #do(command: Command): void {
    const channel = String(command["channel"]);
    if (command.action === "subscribe") this.#subscribe(channel, command);
    else if (command.action === "unsubscribe") {
      this.#wanted.delete(channel);
      this.#reply(command, { type: "unsubscribe", channel, status: "success" });
      this.#reopen();
    } else if (command.action === "refresh") {
      this.#api.token = String(command["token"]);
      this.#reply(command, { type: "refresh", status: "success" });
      this.#reopen(); // a stream ends with the token that it was opened with
    } else void this.#run(command);
  }

  #subscribe(channel: string, command: Command): void {
    const wanted = this.#wanted.get(channel);
    if (!wanted) this.#wanted.set(channel, { since: command["since"] as Since | undefined, asked: [command], lost: false });
    else if (wanted.asked.length) wanted.asked.push(command);
    else return this.#reply(command, { type: "subscribe", channel, status: "success", ...wanted.since });
    this.#reopen();
  }

  async #run(command: Command): Promise<void> {
    try {
      this.#reply(command, await this.#api.run(command));
    } catch (error) {
      if (error instanceof HubError) this.#refuse(command, error);
      else this.#failed(error);
    }
  }

  /** Opens a stream of all channels in place of the present one; at most once per turn. */
  #reopen(): void {
    if (this.#opening) return;
    this.#opening = true;
    queueMicrotask(() => {
      this.#opening = false;
      this.#stream.abort();
      this.#stream = new AbortController();
      if (this.#wanted.size && !this.#gone.signal.aborted) void this.#read(this.#stream.signal);
    });
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      const channels = new Map([...this.#wanted].map(([name, { since }]) => [name, since]));
      const body = await this.#api.stream(channels, signal);
      for await (const data of eventsOf(body)) {
        if (signal.aborted) return;
        this.#take(data === undefined ? { type: "heartbeat" } : (JSON.parse(data) as Message));
      }
      if (!signal.aborted) this.#end(1006, "the stream ended");
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof HubError && !error.temporary) this.#refused(error);
      else this.#failed(error);
    }
  }

  #take(message: Message): void {
    const wanted = message.channel === undefined ? undefined : this.#wanted.get(message.channel);
    if (message.type === "close" && !("channel" in message)) return this.#end(Number(message["code"]), String(message["reason"]));
    if (message.type === "connection") return;
    if (wanted && message.type === "subscribe" && !isPublication(message)) return this.#subscribed(wanted, message);
    if (wanted) this.#move(wanted, message);
    this.#tell(message);
  }

  /** The stream's word on one channel: the answer for who waits for one; for the others it may be a gap. */
  #subscribed(wanted: Wanted, message: Message): void {
    const replayed = Number(message["replayed"] ?? 0);
    const top = positionOf(message);
    wanted.lost = message["recovered"] === false && !wanted.asked.length;
    if (!replayed) wanted.since = top;
    const asked = wanted.asked.splice(0);
    for (const command of asked) this.#reply(command, message);
    if (wanted.lost && !replayed) {
      wanted.lost = false;
      this.#tell({ ...message, type: "gap" });
    }
    this.#tryNext();
  }

  #move(wanted: Wanted, message: Message): void {
    const position = positionOf(message);
    if (!position) return;
    wanted.since = position;
    if (!wanted.lost) return;
    wanted.lost = false;
    this.#tell({ type: "gap", channel: String(message.channel), epoch: position.epoch, offset: position.offset - 1 });
  }

  /** The hub refused the whole stream: because of one of the new channels, or because of who this is. */
  #refused(error: HubError): void {
    const fresh = [...this.#wanted].filter(([, { asked }]) => asked.length);
    const [only] = fresh;
    if (!only || error.code === "invalid_token" || error.code === "unauthenticated") return this.#failed(error);
    if (fresh.length > 1) {
      this.#later.push(...fresh.slice(1));
      for (const [name] of fresh.slice(1)) this.#wanted.delete(name);
      return this.#reopen();
    }
    const [channel, { asked }] = only;
    this.#wanted.delete(channel);
    for (const command of asked) this.#refuse(command, error);
    this.#tryNext();
    this.#reopen();
  }

  #tryNext(): void {
    const next = this.#later.shift();
    if (!next) return;
    this.#wanted.set(...next);
    this.#reopen();
  }

  #refuse(command: Command, error: HubError): void {
    const { code, message, temporary, reply } = error;
    this.#reply(command, { ...reply, type: "error", action: command.action, code, message, temporary });
  }

  #reply(command: Command, reply: Readonly<Record<string, unknown>>): void {
    this.#tell({ ...reply, ...(command.id !== undefined && { id: command.id }) });
  }

  #tell(message: Message): void {
    if (!this.#gone.signal.aborted) this.events.message(message);
  }

  #failed(error: unknown): void {
    const known = error instanceof HubError ? error : undefined;
    if (known?.code === "invalid_token" || known?.code === "unauthenticated") this.#end(4500, known.message);
    else this.#end(1006, error instanceof Error ? error.message : String(error));
  }

  #end(code: number, reason: string): void {
    if (this.#gone.signal.aborted) return;
    this.close();
    this.events.closed(code, reason);
  }
}
