import type { Gap, Hub, Publication, SubscriptionState } from "tocsin-client";

export interface FeedOptions {
  /** Publications that are kept, the newest; 500 unless told. */
  readonly limit?: number;
  /** Begin with what history holds. */
  readonly history?: boolean;
  /** Only publications of these types; the others are as if they weren't there, however many they are. */
  readonly types?: readonly string[];
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
  /** When a publication came, in milliseconds since 1970; `undefined` for what history held before this feed began. */
  readonly arrivedAt: (publication: Publication) => number | undefined;
}

const GAPS = 20;
const NOTHING: FeedState<never> = {
  publications: [], received: 0, state: "pending", gaps: [], error: undefined, arrivedAt: () => undefined,
};

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
  #began = Infinity;
  readonly #arrivals = new WeakMap<Publication, number>();
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
    this.#began = Math.min(this.#began, Date.now());
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

  readonly #arrivedAt = (publication: Publication): number | undefined => {
    const at = this.#arrivals.get(publication);
    return at !== undefined && Date.parse(publication.timestamp) >= this.#began ? at : undefined;
  };

  #take(publication: Publication<Data>): void {
    if (this.options.types && !this.options.types.includes(publication.type)) return;
    this.#received++;
    this.#arrivals.set(publication, Date.now());
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
      const publications = this.#publications.slice(-this.#limit);
      this.#shown = { publications, received: this.#received, state, gaps, error, arrivedAt: this.#arrivedAt };
      for (const changed of [...this.#followers]) changed();
    });
  }
}

/** Several feeds as one. */
export class Feeds {
  #shown: readonly FeedState[] = [];

  constructor(private readonly feeds: readonly Feed[]) {}

  readonly read = (): readonly FeedState[] => {
    const states = this.feeds.map((feed) => feed.read());
    if (states.some((state, at) => state !== this.#shown[at])) this.#shown = states;
    return this.#shown;
  };

  readonly follow = (changed: () => void): (() => void) => {
    const leave = this.feeds.map((feed) => feed.follow(changed));
    return () => leave.forEach((one) => one());
  };
}
