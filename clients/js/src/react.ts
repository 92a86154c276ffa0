import { createContext, createElement, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { Feed } from "./feed.js";
import type { Gap, Hub, Publication, State, SubscriptionState } from "./index.js";

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
  const wanted = [hub, channel, limit, history, every];
  const make = () => ({ wanted, feed: new Feed<Data>(hub, channel, { limit, history, every }) });
  const [kept, keep] = useState(make);
  let current = kept;
  if (wanted.some((value, at) => value !== kept.wanted[at])) {
    current = make();
    keep(current);
  }
  const shown = useSyncExternalStore(current.feed.follow, current.feed.read, current.feed.read);
  return useMemo(() => {
    const { publications: messages, state, gaps, error } = shown;
    return { messages, last: messages[messages.length - 1], state, gaps, error };
  }, [shown]);
}
