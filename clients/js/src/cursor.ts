import { positionOf, type Gap, type Message, type Position, type Since } from "./protocol.js";

type Step = { readonly seen: boolean; readonly gap?: Gap };

/**
 * One reader's place in one channel: tells what is new, what was seen already, and where something is missing.
 *
 * It moves by every publication, every `position` and `gap` notice, and by the reply to a `subscribe` that replays
 * nothing. A reply that replays is behind what follows it, so only what follows moves the cursor.
 */
export class Cursor {
  /** The last position seen; where the next subscription goes on. */
  at: Since | undefined;
  #anywhere = false;
  #skips = false;

  constructor(
    readonly channel: string,
    since?: Since,
  ) {
    this.at = since;
  }

  /** Takes the answer to `subscribe` or `history`, before what comes with it. */
  begin(reply: Message, replayed: number): Gap | undefined {
    const top = positionOf(reply);
    const from = this.#position();
    const lost = reply["recovered"] === false;
    // Any position is right now; but it is kept until another comes, so that a cut before that is told as a gap again.
    this.#anywhere = lost || !from;
    if (!replayed && (lost || !from)) {
      this.at = top;
      this.#anywhere = false;
    }
    return lost && from ? this.#gap("unrecovered", from, replayed ? undefined : top) : undefined;
  }

  /** Takes a publication or a `position` notice. */
  take(message: Message): Step {
    const next = positionOf(message);
    if (typeof message["key"] === "string") this.#skips = true; // a conflated channel leaves out what was replaced
    if (!next) return { seen: false };
    const last = this.#anywhere ? undefined : this.#position();
    if (last && this.#covers(last, next)) return { seen: true };
    this.at = next;
    this.#anywhere = false;
    const due = last?.epoch === next.epoch ? last.offset + 1 : 1;
    if (!last || this.#skips || next.offset === due) return { seen: false };
    return { seen: false, gap: this.#gap("jump", last, { epoch: next.epoch, offset: next.offset - 1 }) };
  }

  /** Takes a `gap` notice: what follows goes on behind its position. */
  skip(notice: Message): Gap | undefined {
    const to = positionOf(notice);
    const last = this.#position();
    if (!to || (last && this.#covers(last, to))) return undefined;
    this.at = to;
    this.#anywhere = false;
    return this.#gap("lost", last, to);
  }

  #position(): Position | undefined {
    return this.at && positionOf(this.at);
  }

  #covers(last: Position, next: Position): boolean {
    return last.epoch === next.epoch && next.offset <= last.offset;
  }

  #gap(reason: Gap["reason"], from?: Position, to?: Position): Gap {
    return { channel: this.channel, reason, ...(from && { from }), ...(to && { to }) };
  }
}
