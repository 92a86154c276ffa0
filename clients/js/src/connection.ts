import { backoff } from "./backoff.js";
import type { Environment } from "./environment.js";
import { HubError } from "./errors.js";
import { Liveness } from "./liveness.js";
import { mayReturn, namedDelay, wantsToken, type Command, type Message } from "./protocol.js";
import { Requests, type Asked, type Lasting } from "./requests.js";
import type { Link, Transport } from "./transport.js";

export type State = "connecting" | "connected" | "degraded" | "reconnecting" | "offline" | "closed";

/** A change of the connection. `retryIn`: milliseconds until the next attempt. */
export interface StateChange {
  readonly state: State;
  readonly previous: State;
  readonly code?: number;
  readonly reason?: string;
  readonly retryIn?: number;
}

/** A token, or what gets one; `null` when there is none to be had. */
export type Token = string | (() => string | null | Promise<string | null>);

export interface ConnectionOptions {
  readonly root: string;
  readonly token: Token | undefined;
  readonly clientId: string | undefined;
  readonly transport: Transport;
  readonly fallback: Transport | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds; without it the hub's own interval. */
  readonly pingInterval: number | undefined;
}

export interface ConnectionEvents {
  changed(change: StateChange): void;
  /** A new link is open; nothing is subscribed on it. */
  opened(welcome: Message): void;
  /** The link is gone. */
  lost(): void;
  /** Neither a reply nor a matter of the connection. */
  message(message: Message): void;
  failed(error: unknown): void;
}

/** Failed attempts before the fallback takes turns with the first transport. */
const FALLBACK_AFTER = 3;
const HEARTBEAT = 30_000;
const MOST_REQUESTS = 10_000;

/** A connection to the hub that comes back by itself. It knows commands, replies and close codes, and no channels. */
export class Connection {
  state: State = "connecting";
  /** What the hub said in its last welcome. */
  welcome: Message | undefined;
  readonly #requests: Requests;
  readonly #unwatch: () => void;
  #link: Link | undefined;
  #liveness: Liveness | undefined;
  #timer: unknown;
  #waiting = false;
  #delay: number | undefined; // named by the hub, for the next attempt
  #attempt = 0; // since the connection last worked
  #failures = 0; // since the last welcome
  #tokenLater = false;
  #token: string | undefined;
  #refused: string | undefined;
  #flushing = false;
  #life = 0; // what belongs to an earlier attempt is ignored

  constructor(
    private readonly options: ConnectionOptions,
    private readonly environment: Environment,
    private readonly events: ConnectionEvents,
  ) {
    this.#requests = new Requests(environment, MOST_REQUESTS);
    this.#unwatch = environment.onWake(() => this.#wake());
  }

  /** Whether commands reach the hub now. */
  get live(): boolean {
    return this.#liveness !== undefined;
  }

  /** Sends a command now or when the connection is there. Commands of one turn go in one frame. */
  ask(command: Command, lasting: Lasting, timeout: number, asked: Asked): void {
    if (this.state === "closed") return asked.failed(new HubError("closed", "the connection is closed"));
    this.#requests.add(command, lasting, timeout, asked);
    this.#flush();
  }

  async open(): Promise<void> {
    const life = this.#letGo();
    this.#delay = undefined;
    const late = () => life === this.#life && this.#lost(1006, "no welcome in time");
    this.#timer = this.environment.setTimer(late, this.options.connectTimeout);
    try {
      const { token } = this.options;
      const value = typeof token === "function" ? await token() : token;
      if (life !== this.#life) return;
      if (value === null) return this.close(new HubError("unauthenticated", "there is no token"));
      if (this.#refused !== undefined && value === this.#refused) {
        return this.close(new HubError("invalid_token", "the hub refused this token, and there is no other"));
      }
      this.#token = value;
      this.#start(life);
    } catch (error) {
      if (life !== this.#life) return;
      this.events.failed(error);
      this.#lost(1006, "the attempt failed");
    }
  }

  /** Ends for good. */
  close(error?: HubError, code = 1000): void {
    if (this.state === "closed") return;
    this.#letGo();
    this.#unwatch();
    this.#become("closed", { code, reason: error?.message ?? "" });
    this.#requests.end(error ?? new HubError("closed", "the connection was closed"));
    if (error) this.events.failed(error);
  }

  #start(life: number): void {
    const { root, clientId, transport, fallback } = this.options;
    const turn = fallback && this.#failures >= FALLBACK_AFTER && this.#failures % 2 ? fallback : transport;
    const { environment } = this;
    const request = { root, clientId, environment, token: this.#token, tokenLater: this.#tokenLater };
    this.#link = turn(request, {
      message: (message) => life === this.#life && this.#receive(message),
      closed: (code, reason) => life === this.#life && this.#lost(code, reason),
    });
  }

  #receive(message: Message): void {
    this.#liveness?.heard();
    if (message.id !== undefined && this.#requests.settle(message)) {
      if (this.live) this.#attempt = 0; // it works: it didn't merely open
    } else if ("channel" in message) this.events.message(message);
    else if (message.type === "connection") this.#greet(message);
    else if (message.type === "reconnect") this.#delay = Number(message["delay_ms"]) || 0;
    else if (message.type === "token_expiring") void this.#refresh(this.#life);
    else if (message.type === "degraded") this.#become("degraded", { reason: String(message["reason"] ?? "") });
    else if (message.type === "restored") this.#become("connected");
    else this.events.message(message);
  }

  #greet(message: Message): void {
    if (message["status"] === "connected") this.#welcomed(message);
    else this.close(new HubError("unauthenticated", "this hub asks for a token"));
  }

  #welcomed(welcome: Message): void {
    if (this.live) return;
    this.environment.clearTimer(this.#timer);
    this.welcome = welcome;
    this.#failures = 0;
    this.#tokenLater = false;
    this.#refused = undefined;
    const life = this.#life;
    const interval = this.options.pingInterval ?? (Number(welcome["heartbeat"]) * 1000 || HEARTBEAT);
    const ping = () => this.ask({ action: "ping" }, "link", 0, { answered() {}, failed() {} });
    this.#liveness = new Liveness(this.environment, interval, ping, () => this.#lost(1006, "the link is dead"));
    this.events.opened(welcome);
    if (life !== this.#life) return;
    this.#become("connected");
    this.#flush();
  }

  async #refresh(life: number): Promise<void> {
    try {
      const { token } = this.options;
      const value = typeof token === "function" ? await token() : undefined;
      if (!value || life !== this.#life) return;
      this.ask({ action: "refresh", token: value }, "link", 0, {
        answered: () => (this.#token = value),
        failed: (error) => this.events.failed(error),
      });
    } catch (error) {
      if (life === this.#life) this.events.failed(error);
    }
  }

  #lost(code: number, reason: string): void {
    const greeted = this.live;
    this.#letGo();
    if (!greeted) {
      this.#failures++;
      // A page can't tell an HTTP 401 from a dead network. A token in the first command is refused in words.
      this.#tokenLater = !this.#tokenLater;
    }
    if (!mayReturn(code)) {
      const another = wantsToken(code) && typeof this.options.token === "function" && this.#refused === undefined;
      if (!another) return this.close(new HubError("closed", `the hub closed for good: ${reason || code}`), code);
      this.#refused = this.#token;
    }
    this.#later(code, reason);
  }

  #later(code: number, reason: string): void {
    this.#delay ??= code === 1001 ? namedDelay(reason) : undefined;
    const retryIn = this.#delay ?? backoff(this.#attempt++, this.environment.random);
    this.#waiting = true;
    this.#timer = this.environment.setTimer(() => void this.open(), retryIn);
    const state = !this.environment.online() ? "offline" : this.welcome ? "reconnecting" : "connecting";
    this.#become(state, { code, reason, retryIn });
  }

  #wake(): void {
    if (this.#liveness) this.#liveness.probe();
    else if (this.#waiting && this.#delay === undefined) void this.open();
  }

  /** Drops the link with all that belongs to it; returns the number of the next life. */
  #letGo(): number {
    this.environment.clearTimer(this.#timer);
    this.#waiting = false;
    const [link, wasLive] = [this.#link, this.live];
    this.#liveness?.stop();
    this.#link = this.#liveness = undefined;
    this.#life++;
    link?.close();
    this.#requests.interrupt();
    if (wasLive) this.events.lost();
    return this.#life;
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (!this.live) return;
      const commands = this.#requests.unsent();
      const limits = this.welcome?.["limits"] as { batch?: number } | undefined;
      const most = limits?.batch ?? 100;
      while (commands.length) this.#link?.send(commands.splice(0, most));
    });
  }

  #become(state: State, more: Partial<StateChange> = {}): void {
    const previous = this.state;
    if (state === previous && more.retryIn === undefined) return;
    this.state = state;
    this.events.changed({ ...more, state, previous });
  }
}
