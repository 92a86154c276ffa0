import { Leader } from "./leader.js";
import type { Command, Message } from "./protocol.js";
import { webSocket, type Link, type LinkEvents, type LinkOptions, type Transport } from "./transport.js";

export interface SharedOptions {
  /**
   * Tabs share a connection when hub and name are the same. They must then be one user's: with several users in one
   * browser, put the user into the name.
   */
  readonly name?: string;
  /** What carries the shared connection; a WebSocket unless told. */
  readonly over?: Transport;
  /** Unless told, the browser's own. @internal */
  readonly locks?: Locks | undefined;
  /** @internal */
  readonly broadcast?: (name: string) => Broadcast;
  /** @internal */
  readonly tab?: () => string;
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request(name: string, options: LockOptions, granted: () => Promise<void>): Promise<unknown>;
}

/** The part of `BroadcastChannel` that is used. */
export interface Broadcast {
  postMessage(message: unknown): void;
  close(): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/**
 * What tabs say to each other.
 *
 * A tab says `join` and `leave`, and sends `commands`. The leader answers `joined`, passes each `message` on, and says
 * `closed` when its connection ends. `leads` says that there is a new leader.
 */
type Note = { readonly from: string; readonly to?: string } & (
  | { readonly kind: "join" | "joined" | "leave" | "leads" }
  | { readonly kind: "commands"; readonly commands: readonly Command[] }
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
);
type Said = Note extends infer Each ? (Each extends Note ? Omit<Each, "from"> : never) : never;

const makeTab = () => Math.random().toString(36).slice(2, 12);

/**
 * One connection for all tabs of a browser. The tab that holds a lock has the connection and passes everything on. When it
 * goes, the browser gives the lock to another tab; all reconnect there, each with its own positions. So nothing is lost and
 * nothing comes twice. Where there are no locks, each tab has a connection of its own.
 */
export const shared = (options: SharedOptions = {}): Transport => {
  const { name = "", over = webSocket } = options;
  const locks = options.locks ?? (globalThis.navigator as { locks?: Locks } | undefined)?.locks;
  const broadcast = options.broadcast ?? ((channel: string) => new BroadcastChannel(channel) as Broadcast);
  let ignored = false; // the last leader didn't even answer: its page is frozen
  return (link, events) => {
    if (!locks) return over(link, events);
    const heard = () => (ignored = false);
    const mute = ignored;
    ignored = true;
    const place = { locks, broadcast, over, key: `tocsin:${link.root}:${name}`, tab: (options.tab ?? makeTab)(), steal: mute };
    return new SharedLink(place, link, events, heard);
  };
};

interface Place {
  readonly locks: Locks;
  readonly broadcast: (name: string) => Broadcast;
  readonly over: Transport;
  readonly key: string;
  readonly tab: string;
  readonly steal: boolean;
}

/** One tab's part in a shared connection, from joining to the end of either. */
class SharedLink implements Link {
  readonly #bus: Broadcast;
  readonly #gone = new AbortController();
  #release = () => {};
  #welcomed = false;
  #follows: string | undefined;
  #leader: Leader | undefined;
  #real: Link | undefined;

  constructor(
    private readonly place: Place,
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
    private readonly heard: () => void,
  ) {
    this.#bus = place.broadcast(place.key);
    this.#bus.onmessage = ({ data }) => this.#hear(data as Note);
    const ended = new Promise<void>((resolve) => (this.#release = resolve));
    // Held as long as this tab is here, so that a leader learns of its end even if it crashes.
    this.#lock(`${place.key}:${place.tab}`, () => {
      this.#say({ kind: "join" });
      return ended;
    });
    this.#lock(place.key, () => this.#granted(ended), place.steal);
  }

  send(commands: readonly Command[]): void {
    if (this.#leader) this.#leader.send(this.place.tab, commands);
    else if (this.#follows) this.#say({ kind: "commands", to: this.#follows, commands });
  }

  close(): void {
    if (this.#gone.signal.aborted) return;
    this.#say({ kind: "leave" });
    this.#gone.abort();
    this.#release();
    this.#bus.close();
    this.#real?.close();
  }

  #lock(name: string, granted: () => Promise<void>, steal = false): void {
    const held = () => (this.#gone.signal.aborted ? Promise.resolve() : granted());
    const options: LockOptions = steal ? { steal } : { signal: this.#gone.signal };
    this.place.locks.request(name, options, held).catch(() => {
      if (!this.#gone.signal.aborted) this.#end(1006, "another tab took the lock");
    });
  }

  async #granted(ended: Promise<void>): Promise<void> {
    if (this.#welcomed) return this.#end(1006, "the tab with the connection has gone", 0);
    this.#lead();
    return ended;
  }

  #lead(): void {
    const { tab, over } = this.place;
    this.heard();
    this.#follows = undefined;
    const leader = new Leader(tab, (message, to) => this.#tell(message, to), () => this.#real);
    this.#leader = leader;
    leader.join(tab);
    this.#real = over(this.options, {
      message: (message) => leader.receive(message),
      closed: (code, reason) => {
        this.#say({ kind: "closed", code, reason });
        this.#end(code, reason);
      },
    });
    this.#say({ kind: "leads" });
  }

  /** Gives a message of the hub to one tab, or to all. */
  #tell(message: Message, to?: string): void {
    const { tab } = this.place;
    if (to !== tab) this.#say({ kind: "message", message, ...(to !== undefined && { to }) });
    if (to === undefined || to === tab) this.#take(message);
  }

  #take(message: Message): void {
    if (message.type === "connection" && message["status"] === "connected") this.#welcomed = true;
    this.events.message(message);
  }

  #hear(note: Note): void {
    const { tab } = this.place;
    if (this.#gone.signal.aborted || (note.to !== undefined && note.to !== tab)) return;
    if (this.#leader) this.#serve(this.#leader, note);
    else if (note.kind === "leads") this.#meet(note.from);
    else if (note.kind === "joined" && !this.#follows) this.#follow(note.from);
    else if (note.from !== this.#follows) return;
    else if (note.kind === "message") this.#take(note.message);
    else if (note.kind === "closed") this.#end(note.code, note.reason);
  }

  #serve(leader: Leader, note: Note): void {
    if (note.kind === "join") {
      this.#say({ kind: "joined", to: note.from });
      leader.join(note.from);
      this.place.locks
        .request(`${this.place.key}:${note.from}`, { signal: this.#gone.signal }, async () => leader.leave(note.from))
        .catch(() => {}); // this tab went first
    } else if (note.kind === "leave") leader.leave(note.from);
    else if (note.kind === "commands") leader.send(note.from, note.commands);
  }

  #meet(leader: string): void {
    if (this.#welcomed) return this.#end(1006, "another tab has the connection now", 0);
    this.#follow(leader);
    this.#say({ kind: "join" });
  }

  #follow(leader: string): void {
    this.heard();
    this.#follows = leader;
  }

  #say(note: Said): void {
    this.#bus.postMessage({ ...note, from: this.place.tab });
  }

  /** Ends this link, which its owner replaces. `delay`: milliseconds to wait first; without it the usual. */
  #end(code: number, reason: string, delay?: number): void {
    if (this.#gone.signal.aborted) return;
    this.close();
    if (delay !== undefined) this.events.message({ type: "reconnect", delay_ms: delay, reason });
    this.events.closed(code, reason);
  }
}
