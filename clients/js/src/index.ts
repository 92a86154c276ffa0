import { rootOf } from "./address.js";
import { here, type SocketClass } from "./environment.js";
import type { Token } from "./connection.js";
import { Hub } from "./hub.js";
import { NO_WEBSOCKET, webSocket, type Transport } from "./transport.js";

export type { State, StateChange, Token } from "./connection.js";
export { HubError } from "./errors.js";
export type {
  History, HistoryOptions, HubEvents, Presence, PublishOptions, Published, Stats,
} from "./hub.js";
export { Hub } from "./hub.js";
export type { Gap, Message, Position, Publication, Since } from "./protocol.js";
export type { PresenceChange, SubscribeOptions, SubscriptionEvents, SubscriptionState } from "./subscription.js";
export { Subscription } from "./subscription.js";
export { webSocket, type Link, type LinkEvents, type LinkOptions, type Transport } from "./transport.js";

export interface ConnectOptions {
  /** A token, or a function that gets one. The function is called before each attempt and before the token ends. */
  readonly token?: Token;
  /** The label of this client; the hub makes one otherwise. */
  readonly clientId?: string;
  /** What carries the protocol; a WebSocket unless told. */
  readonly transport?: Transport;
  /** What takes turns with it after three failed attempts, such as `sse` of `tocsin-client/sse`. */
  readonly fallback?: Transport;
  /** The class of sockets where there is no global one, as in Node before 22: that of the package `ws` fits. */
  readonly WebSocket?: new (url: string, protocols?: string[]) => object;
  /** Milliseconds that a request may take, 10,000 unless told. */
  readonly requestTimeout?: number;
  /** Milliseconds until the hub's welcome, 10,000 unless told. */
  readonly connectTimeout?: number;
  /** Milliseconds of silence before the client asks for a sign of life; unless told, the hub's own interval (30 s). */
  readonly pingInterval?: number;
}

/**
 * Connects to a hub and stays connected. Returns at once; `hub.state` and its event `state` tell how it goes.
 *
 * `url` is the hub's address, with `http`, `https`, `ws` or `wss`, with or without `/ws` at its end; in a page it may be
 * relative. Throws when the URL is none, or when there is no WebSocket.
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Hub {
  const environment = here(options.WebSocket as SocketClass | undefined);
  const { transport = webSocket } = options;
  if (transport === webSocket && !environment.WebSocket) throw new Error(NO_WEBSOCKET);
  const complete = {
    root: rootOf(url),
    token: options.token,
    clientId: options.clientId,
    transport,
    fallback: options.fallback,
    connectTimeout: options.connectTimeout ?? 10_000,
    pingInterval: options.pingInterval,
    requestTimeout: options.requestTimeout ?? 10_000,
  };
  return new Hub(complete, environment);
}
