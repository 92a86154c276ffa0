import type { Gap, Hub, Publication, Subscription, SubscriptionState } from "./index.js";

export interface FeedOptions {
  /** Publications that are kept, the newest; 100 unless told. */
  readonly limit?: number;
  /** Begin with what history holds. */
  readonly history?: boolean;
  /** Only publications of these types; the others are as if they weren't there, however many they are. */
  readonly types?: readonly string[];
  /**
   * Milliseconds that changes are gathered for, 16 unless told; 0 tells of each. "frame": until the browser draws, so a
   * hidden tab is told of nothing and keeps the newest until it is looked at again.
   */
  readonly every?: number | "frame";
}

export interface FeedState<Data = unknown> {
  /** Oldest first. A new array whenever it changed. */
  readonly publications: readonly Publication<Data>[];
  /** All that came, also those that aren't kept any more. */
  readonly received: number;
  readonly state: SubscriptionState;
  /** Places where something is missing, the newest 20. */
  readonly gaps: readonly Gap[];
  /** Why the subscription ended. */
  readonly error: Error | undefined;
  /** When a publication came, in milliseconds since 1970; `undefined` for what history held before this feed began. */
  readonly arrivedAt: (publication: Publication) => number | undefined;
}

const MOST_GAPS = 20;

/**
 * A channel as a page shows it: the newest publications, and a state that is the same object until something changes. It
 * subscribes while somebody follows. Who unfollows and follows again goes on from the last position and keeps what it has.
 */
export class Feed<Data = unknown> {
  #shown: FeedState<Data>;
  #publications: Publication<Data>[] = [];
  #received = 0;
  #rest: Pick<FeedState<Data>, "state" | "gaps" | "error"> = { state: "pending", gaps: [], error: undefined };
  #subscription: Subscription<Data> | undefined;
  #position: { readonly epoch: string; readonly offset: number } | undefined;
  #unplan: (() => void) | undefined;
  #began = Infinity;
  readonly #arrivals = new WeakMap<Publication, number>();
  readonly #followers = new Set<() => void>();
  readonly #limit: number;

  constructor(
    private readonly hub: Hub,
    readonly channel: string,
    private readonly options: FeedOptions = {},
  ) {
    this.#limit = options.limit ?? 100;
    this.#shown = this.#now();
  }

  readonly read = (): FeedState<Data> => this.#shown;

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
    subscription.addEventListener("publication", ({ detail }) => this.#take(detail));
    subscription.addEventListener("gap", ({ detail }) => this.#change({ gaps: [...this.#rest.gaps, detail].slice(-MOST_GAPS) }));
    subscription.addEventListener("state", ({ detail }) => this.#change({ state: detail.state }));
    subscription.addEventListener("error", ({ detail }) => this.#change({ error: detail }));
    if (subscription.state !== this.#rest.state) this.#change({ state: subscription.state });
  }

  #end(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#position = subscription?.position ?? this.#position;
    subscription?.close();
    this.#unplan?.();
    this.#unplan = undefined;
    this.#rest = { ...this.#rest, state: "pending", error: undefined };
    this.#shown = this.#now();
  }

  #take(publication: Publication<Data>): void {
    if (!this.#subscription || this.options.types?.includes(publication.type) === false) return;
    this.#received++;
    this.#arrivals.set(publication, Date.now());
    this.#publications.push(publication);
    // Cut in large steps: shifting one by one would move the whole array each time.
    if (this.#publications.length > 2 * this.#limit) this.#publications = this.#newest();
    this.#plan();
  }

  #change(change: Partial<FeedState<Data>>): void {
    if (!this.#subscription) return;
    this.#rest = { ...this.#rest, ...change };
    this.#plan();
  }

  #plan(): void {
    const { every = 16 } = this.options;
    if (every === 0) return this.#show();
    if (this.#unplan) return;
    if (every === "frame") {
      const frame = requestAnimationFrame(() => this.#show());
      this.#unplan = () => cancelAnimationFrame(frame);
    } else {
      const timer = setTimeout(() => this.#show(), every);
      this.#unplan = () => clearTimeout(timer);
    }
  }

  #show(): void {
    this.#unplan = undefined;
    this.#shown = this.#now();
    for (const changed of [...this.#followers]) changed();
  }

  #now(): FeedState<Data> {
    return { publications: this.#newest(), received: this.#received, ...this.#rest, arrivedAt: this.#arrivedAt };
  }

  #newest(): Publication<Data>[] {
    return this.#publications.slice(Math.max(0, this.#publications.length - this.#limit));
  }

  readonly #arrivedAt = (publication: Publication): number | undefined => {
    const at = this.#arrivals.get(publication);
    return at !== undefined && Date.parse(publication.timestamp) >= this.#began ? at : undefined;
  };
}
