import type { Environment } from "./environment.js";
import { HubError } from "./errors.js";
import type { Command, Message } from "./protocol.js";

/** Who asked. Called in the turn in which the reply came, before the message that follows it. */
export interface Asked {
  answered(reply: Message): void;
  failed(error: HubError): void;
}

/**
 * How long a command is worth asking. `link`: on this connection only. `once`: sent once, on whichever connection comes.
 * `again`: sent again when the connection ends before the answer.
 */
export type Lasting = "link" | "once" | "again";

interface Request extends Asked {
  readonly command: Command;
  readonly lasting: Lasting;
  timer: unknown;
  sent: boolean;
}

/** Commands that have no answer yet, over any number of connections. */
export class Requests {
  readonly #open = new Map<number, Request>();
  #last = 0;

  constructor(
    private readonly environment: Environment,
    private readonly most: number,
  ) {}

  /** Notes a command and gives it an id. `timeout` in milliseconds; 0 for none. */
  add(command: Command, lasting: Lasting, timeout: number, asked: Asked): void {
    if (this.#open.size >= this.most) {
      return asked.failed(new HubError("overflow", `${this.most} commands wait for an answer already`, true));
    }
    const id = ++this.#last;
    const late = () => this.#fail(id, new HubError("timeout", `no answer to ${command.action} within ${timeout} ms`, true));
    const timer = timeout ? this.environment.setTimer(late, timeout) : undefined;
    this.#open.set(id, { command: { ...command, id }, lasting, timer, sent: false, ...asked });
  }

  /** The commands that are still to be sent; they count as sent then. */
  unsent(): Command[] {
    const requests = [...this.#open.values()].filter(({ sent }) => !sent);
    for (const request of requests) request.sent = true;
    return requests.map(({ command }) => command);
  }

  /** Takes a reply; tells whether it was one. */
  settle(message: Message): boolean {
    const request = this.#take(Number(message.id));
    if (!request) return false;
    if (message.type === "error") request.failed(HubError.from(message));
    else request.answered(message);
    return true;
  }

  /** The connection has ended. */
  interrupt(): void {
    for (const [id, request] of [...this.#open]) {
      if (request.lasting === "again") request.sent = false;
      else if (request.sent || request.lasting === "link") this.#fail(id, new HubError("disconnected", "the connection ended before the answer", true));
    }
  }

  /** Nothing will be answered any more. */
  end(error: HubError): void {
    for (const id of [...this.#open.keys()]) this.#fail(id, error);
  }

  #take(id: number): Request | undefined {
    const request = this.#open.get(id);
    this.#open.delete(id);
    this.environment.clearTimer(request?.timer);
    return request;
  }

  #fail(id: number, error: HubError): void {
    this.#take(id)?.failed(error);
  }
}
