import { positionOf, type Gap, type Publication } from "./protocol.js";

type Waiting<Data> = {
  resolve(result: IteratorResult<Publication<Data>, undefined>): void;
  reject(reason: unknown): void;
};

/**
 * What a `for await` loop reads from. It holds `size` publications at most. When the loop is slower than the channel, the
 * oldest are dropped, and the next one that the loop gets says so in its `gap`.
 */
export class Queue<Data> implements AsyncIterableIterator<Publication<Data>> {
  readonly #items: Publication<Data>[] = [];
  readonly #waiting: Waiting<Data>[] = [];
  #ended: { error?: unknown } | undefined;

  constructor(
    readonly size: number,
    readonly dropped: (gap: Gap) => void,
    readonly left: (queue: Queue<Data>) => void,
  ) {}

  push(item: Publication<Data>): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ value: item, done: false });
    else if (this.#items.push(item) > this.size) this.#dropOldest();
  }

  /** Ends the loop behind what is queued: quietly, or with an error that it throws. */
  end(error?: unknown): void {
    this.#ended ??= error === undefined ? {} : { error };
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  next(): Promise<IteratorResult<Publication<Data>, undefined>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item) resolve({ value: item, done: false });
      else if (this.#ended) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  async return(): Promise<IteratorResult<Publication<Data>, undefined>> {
    this.#items.length = 0;
    this.#ended = {};
    this.end();
    this.left(this);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish({ resolve, reject }: Waiting<Data>): void {
    const ended = this.#ended ?? {};
    this.#ended = {}; // an error is thrown once
    if ("error" in ended) reject(ended.error);
    else resolve({ value: undefined, done: true });
  }

  #dropOldest(): void {
    const [oldest, next] = this.#items.splice(0, 2);
    if (!oldest || !next) return;
    const to = positionOf(oldest);
    const from = oldest.gap?.from ?? (to && { epoch: to.epoch, offset: to.offset - 1 });
    const gap: Gap = { channel: oldest.channel, reason: "overflow", ...(from && { from }), ...(to && { to }) };
    this.#items.unshift({ ...next, gap });
    if (oldest.gap?.reason !== "overflow") this.dropped(gap);
  }
}
