import type { Gap, Hub, Publication, SubscriptionState } from "tocsin-client";

export interface FeedOptions {
  /** Publications that are kept, the newest; 500 unless told. */
  readonly limit?: number;
  /** Begin with what history holds. */
  readonly history?: boolean;
}

export interface FeedState<Data = unknown> {
  /** Oldest first. A new array whenever it changed. */
  readonly publications: readonly Publication<Data>[];
  /** All that came, also those that aren't kept any more. */
  readonly received: number;
  readonly state: SubscriptionState;
  /** Places where something is missing, the newest 20. */
  readonly gaps: readonly Gap[];
  readonly error: Error | undefined;
}

const GAPS = 20;
const NOTHING: FeedState<never> = { publications: [], received: 0, state: "pending", gaps: [], error: undefined };

/**
 * A channel as a page shows it: whatever comes between two frames is shown in one, so thousands of publications a second
 * cost one rendering each 16 ms. A hidden tab draws no frames; it keeps the newest `limit` until it is looked at again.
 */
export class Feed<Data = unknown> {
  #shown: FeedState<Data> = NOTHING;
  #publications: Publication<Data>[] = [];
  #received = 0;
  #rest: Pick<FeedState<Data>, "state" | "gaps" | "error"> = NOTHING;
  #frame: number | undefined;
  #subscription: ReturnType<Hub["subscribe"]> | undefined;
  #position: { readonly epoch: string; readonly offset: number } | undefined;
  readonly #followers = new Set<() => void>();
  readonly #limit: number;

  constructor(
    private readonly hub: Hub,
    readonly channel: string,
    private readonly options: FeedOptions = {},
  ) {
    this.#limit = options.limit ?? 500;
  }

  readonly read = (): FeedState<Data> => this.#shown;

  /** Subscribes while somebody follows; who follows again goes on from the last position. */
  readonly follow = (changed: () => void): (() => void) => {
    this.#followers.add(changed);
    if (!this.#subscription) this.#begin();
    return () => {
      this.#followers.delete(changed);
      if (!this.#followers.size) this.#end();
    };
  };

  #begin(): void {
    const since = this.#position ?? (this.options.history ? { offset: 0 } : undefined);
    const subscription = this.hub.subscribe<Data>(this.channel, { ...(since && { since }), queue: 1 });
    this.#subscription = subscription;
    this.#rest = { ...this.#rest, state: subscription.state, error: undefined };
    subscription.addEventListener("publication", ({ detail }) => this.#take(detail));
    subscription.addEventListener("gap", ({ detail }) => this.#change({ gaps: [...this.#rest.gaps, detail].slice(-GAPS) }));
    subscription.addEventListener("state", ({ detail }) => this.#change({ state: detail.state }));
    subscription.addEventListener("error", ({ detail }) => this.#change({ error: detail }));
    this.#plan();
  }

  #end(): void {
    this.#position = this.#subscription?.position ?? this.#position;
    this.#subscription?.close();
    this.#subscription = undefined;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  #take(publication: Publication<Data>): void {
    this.#received++;
    this.#publications.push(publication);
    // Cut in large steps: shifting one by one would move the whole array each time.
    if (this.#publications.length >= 2 * this.#limit) this.#publications = this.#publications.slice(-this.#limit);
    this.#plan();
  }

  #change(change: Partial<FeedState<Data>>): void {
    this.#rest = { ...this.#rest, ...change };
    this.#plan();
  }

  #plan(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const { state, gaps, error } = this.#rest;
      this.#shown = { publications: this.#publications.slice(-this.#limit), received: this.#received, state, gaps, error };
      for (const changed of [...this.#followers]) changed();
    });
  }
}
