import type { Command, Message } from "./protocol.js";
import type { Link } from "./transport.js";

interface Wish {
  readonly presence?: unknown;
  readonly interval_ms?: unknown;
}

/**
 * Serves the tabs that share one link: sends their commands under ids of its own, gives each its replies, and gives all of
 * them everything else. A tab takes what it is subscribed to, and drops by position what it has seen.
 */
export class Leader {
  #welcome: Message | undefined;
  readonly #tabs = new Set<string>();
  readonly #channels = new Map<string, Map<string, Wish>>();

  /**
   * @param self the tab that leads: it alone hears of what concerns the link itself.
   * @param tell gives a message to one tab, or to all without a name.
   */
  constructor(
    private readonly self: string,
    private readonly tell: (message: Message, tab?: string) => void,
    private readonly link: () => Link | undefined,
  ) {}

  join(tab: string): void {
    this.#tabs.add(tab);
    if (this.#welcome) this.tell(this.#welcome, tab);
  }

  leave(tab: string): void {
    this.#tabs.delete(tab);
    for (const channel of [...this.#channels.keys()]) {
      if (this.#drop(channel, tab)) this.link()?.send([{ action: "unsubscribe", channel }]);
    }
  }

  /** Commands of a tab. */
  send(tab: string, commands: readonly Command[]): void {
    if (!this.#tabs.has(tab)) return;
    const passed = commands.map((command) => this.#pass(tab, command)).filter((command) => command !== undefined);
    if (passed.length) this.link()?.send(passed);
  }

  /** A message of the hub. */
  receive(message: Message): void {
    const { type, id } = message;
    const about = "channel" in message && "data" in message ? undefined : type;
    if (typeof id === "string") {
      const [tab = "", number] = id.split(":");
      this.tell({ ...message, id: Number(number) }, tab);
    } else if (about === "connection" && message["status"] === "connected") {
      this.#welcome = message;
      this.tell(message);
    } else if (about === "connection" || about === "token_expiring" || about === "error") this.tell(message, this.self);
    else this.tell(message);
  }

  #pass(tab: string, command: Command): Command | undefined {
    const { action, id } = command;
    const channel = String(command["channel"]);
    const passed = id === undefined ? command : { ...command, id: `${tab}:${id}` };
    if (action === "unsubscribe" && !this.#drop(channel, tab)) {
      this.tell({ type: "unsubscribe", channel, status: "success", ...(id !== undefined && { id }) }, tab);
      return undefined;
    }
    return action === "subscribe" ? { ...passed, ...this.#add(channel, tab, command) } : passed;
  }

  /** Notes a tab's wish; returns what all tabs on the channel together wish for. */
  #add(channel: string, tab: string, { presence, interval_ms }: Command): Wish {
    const wishes = this.#channels.get(channel) ?? new Map<string, Wish>();
    this.#channels.set(channel, wishes.set(tab, { presence, interval_ms }));
    const all = [...wishes.values()];
    return {
      presence: all.some((wish) => wish.presence) || undefined,
      interval_ms: Math.min(...all.map((wish) => Number(wish.interval_ms ?? 0))) || undefined,
    };
  }

  /** Takes a tab off a channel; tells whether it was the last one there. */
  #drop(channel: string, tab: string): boolean {
    const wishes = this.#channels.get(channel);
    if (!wishes?.delete(tab)) return false;
    if (wishes.size) return false;
    return this.#channels.delete(channel);
  }
}
