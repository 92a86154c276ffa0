/** Doubles: a clock whose time passes when the test says so, sockets in the test's hands, and what listens. */
import type { Environment, SocketLike } from "../src/environment.js";
import type { Command, Message } from "../src/protocol.js";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A browser's side of a WebSocket; the test is the hub. */
export class FakeSocket implements SocketLike {
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly frames: (Command | Command[])[] = [];
  closedWith: number | undefined;

  constructor(
    readonly url: string,
    readonly protocols: string[] = [],
  ) {}

  send(data: string): void {
    this.frames.push(JSON.parse(data) as Command | Command[]);
  }

  close(code?: number): void {
    this.closedWith = code;
    this.readyState = 3;
  }

  /** All commands so far, batches taken apart. */
  get commands(): Command[] {
    return this.frames.flat();
  }

  /** The newest command of an action. */
  last(action: string): Command {
    const found = this.commands.filter((command) => command.action === action).at(-1);
    if (!found) throw new Error(`no ${action} among ${JSON.stringify(this.commands)}`);
    return found;
  }

  say(message: Message | string): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) } as never);
  }

  welcome(more: Message = {}): void {
    this.readyState = 1;
    this.say({ type: "connection", status: "connected", heartbeat: 30, limits: { batch: 100 }, available_channels: ["c"], ...more });
  }

  /** Answers the newest command of an action. */
  answer(action: string, reply: Message = {}): void {
    const { id, channel } = this.last(action);
    const fields = { type: action, status: "success", ...(channel !== undefined && { channel: String(channel) }), ...reply };
    this.say(id === undefined ? fields : { ...fields, id });
  }

  refuse(action: string, error: Message): void {
    this.answer(action, { type: "error", action, temporary: false, message: "no", ...error });
  }

  lose(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as never);
  }
}

/** A machine: time, chance, network. */
export class World implements Environment {
  readonly sockets: FakeSocket[] = [];
  readonly WebSocket: Environment["WebSocket"];
  readonly fetch: typeof fetch = () => Promise.reject(new Error("no network in this test"));
  chance = 0.5;
  network = true;
  #now = 0;
  #timers = new Set<Timer>();
  #sleepers = new Set<() => void>();

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  }

  now = (): number => this.#now;
  random = (): number => this.chance;
  online = (): boolean => this.network;

  setTimer(run: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  onWake(woken: () => void): () => void {
    this.#sleepers.add(woken);
    return () => this.#sleepers.delete(woken);
  }

  /** Timers and wake listeners that are there: none after everything was closed. */
  get pending(): number {
    return this.#timers.size + this.#sleepers.size;
  }

  async wake(): Promise<void> {
    for (const woken of [...this.#sleepers]) woken();
    await rest();
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  /** Lets time pass, timer after timer. */
  async pass(ms: number): Promise<void> {
    await rest();
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.run();
      await rest();
    }
    this.#now = end;
  }
}

/** Lets everything run that needs no time. */
export const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The details of a target's events, as they come. */
export const record = <Detail>(target: EventTarget, type: string): Detail[] => {
  const seen: Detail[] = [];
  target.addEventListener(type, (event) => seen.push((event as CustomEvent<Detail>).detail));
  return seen;
};

export const publication = (offset: number, more: Message = {}): Message => ({
  type: "note",
  channel: "c",
  data: offset,
  timestamp: "2026-11-21T10:15:00.000000Z",
  epoch: "e",
  offset,
  ...more,
});
