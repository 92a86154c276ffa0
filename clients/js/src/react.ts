import { createContext, createElement, useContext, useState, useSyncExternalStore, type ReactNode } from "react";
import type { Gap, Hub, Publication, State, Subscription, SubscriptionState } from "./index.js";

export interface UseChannelOptions {
  /** Messages that are kept, the newest; 100 unless told. */
  readonly limit?: number;
  /** Begin with what history holds. */
  readonly history?: boolean;
  /** Milliseconds between two renderings for new messages, 16 unless told; 0 renders for each. */
  readonly every?: number;
}

export interface ChannelState<Data = unknown> {
  /** Oldest first. */
  readonly messages: readonly Publication<Data>[];
  readonly last: Publication<Data> | undefined;
  readonly state: SubscriptionState;
  /** The places where something is missing, the newest 20. */
  readonly gaps: readonly Gap[];
  /** Why the subscription ended. */
  readonly error: Error | undefined;
}

const NOTHING: ChannelState<never> = { messages: [], last: undefined, state: "pending", gaps: [], error: undefined };
const MOST_GAPS = 20;

const Context = createContext<Hub | undefined>(undefined);

/** Gives a hub to all components below. */
export function HubProvider({ hub, children }: { readonly hub: Hub; readonly children?: ReactNode }) {
  return createElement(Context.Provider, { value: hub }, children);
}

/** The hub of the nearest `HubProvider`. Throws without one. */
export function useHub(): Hub {
  const hub = useContext(Context);
  if (!hub) throw new Error("useHub() expects a <HubProvider hub={...}> above");
  return hub;
}

/** The state of a hub's connection, as it changes. */
export function useHubState(hub: Hub): State {
  const [follow] = useState(() => (changed: () => void) => {
    hub.addEventListener("state", changed);
    return () => hub.removeEventListener("state", changed);
  });
  return useSyncExternalStore(follow, () => hub.state, () => hub.state);
}

/** The newest messages of a channel, as they come. The values are the same objects until something changes. */
export function useChannel<Data = unknown>(hub: Hub, channel: string, options: UseChannelOptions = {}): ChannelState<Data> {
  const { limit = 100, history = false, every = 16 } = options;
  const make = () => new ChannelStore<Data>(hub, channel, limit, history, every);
  const [kept, keep] = useState(make);
  let store = kept;
  if (!kept.serves(hub, channel, limit, history, every)) {
    store = make();
    keep(store);
  }
  return useSyncExternalStore(store.follow, store.read, store.read);
}

/**
 * What a component shows of a channel. It subscribes while somebody follows. Who unfollows and follows again, as React's
 * strict mode makes every component do, goes on from the last position and keeps what it has.
 */
class ChannelStore<Data> {
  #shown: ChannelState<Data> = NOTHING;
  #next: ChannelState<Data> | undefined;
  #subscription: Subscription<Data> | undefined;
  #position: { readonly epoch: string; readonly offset: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #followers = new Set<() => void>();

  constructor(
    private readonly hub: Hub,
    private readonly channel: string,
    private readonly limit: number,
    private readonly history: boolean,
    private readonly every: number,
  ) {}

  serves(...wanted: [Hub, string, number, boolean, number]): boolean {
    return [this.hub, this.channel, this.limit, this.history, this.every].every((value, at) => value === wanted[at]);
  }

  readonly read = (): ChannelState<Data> => this.#shown;

  readonly follow = (changed: () => void): (() => void) => {
    this.#followers.add(changed);
    if (!this.#subscription) this.#begin();
    return () => {
      this.#followers.delete(changed);
      if (!this.#followers.size) this.#end();
    };
  };

  #begin(): void {
    const since = this.#position ?? (this.history ? { offset: 0 } : undefined);
    const subscription = this.hub.subscribe<Data>(this.channel, { ...(since && { since }), queue: 1 });
    this.#subscription = subscription;
    subscription.addEventListener("publication", ({ detail }) => {
      this.#change(({ messages }) => ({ messages: [...messages, detail].slice(-this.limit), last: detail }));
    });
    subscription.addEventListener("gap", ({ detail }) => {
      this.#change(({ gaps }) => ({ gaps: [...gaps, detail].slice(-MOST_GAPS) }));
    });
    subscription.addEventListener("state", ({ detail }) => this.#change(() => ({ state: detail.state })));
    subscription.addEventListener("error", ({ detail }) => this.#change(() => ({ error: detail })));
    if (subscription.state !== this.#shown.state) this.#change(() => ({ state: subscription.state }));
  }

  #end(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#position = subscription?.position ?? this.#position;
    subscription?.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown = { ...(this.#next ?? this.#shown), state: "pending" };
    this.#next = undefined;
  }

  #change(change: (state: ChannelState<Data>) => Partial<ChannelState<Data>>): void {
    if (!this.#subscription) return;
    const state = this.#next ?? this.#shown;
    this.#next = { ...state, ...change(state) };
    if (!this.every) this.#show();
    else this.#timer ??= setTimeout(() => this.#show(), this.every);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#next) return;
    this.#shown = this.#next;
    this.#next = undefined;
    for (const changed of [...this.#followers]) changed();
  }
}
