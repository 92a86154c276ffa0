/** What the client takes from the browser or from Node: time, chance, sockets and signs of waking. Tests bring their own. */

export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

export type SocketClass = new (url: string, protocols?: string[]) => SocketLike;

export interface Environment {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  setTimer(run: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
  /** From 0 to below 1. */
  random(): number;
  /** `false` only when the machine says that it has no network. */
  online(): boolean;
  /** Calls `woken` when the network is back or the page is looked at again; returns what ends that. */
  onWake(woken: () => void): () => void;
  readonly WebSocket: SocketClass | undefined;
  readonly fetch: typeof fetch;
}

const onWake = (woken: () => void): (() => void) => {
  if (typeof addEventListener !== "function") return () => {};
  const shown = () => document.visibilityState === "visible" && woken();
  addEventListener("online", woken);
  addEventListener("pageshow", woken);
  globalThis.document?.addEventListener("visibilitychange", shown);
  return () => {
    removeEventListener("online", woken);
    removeEventListener("pageshow", woken);
    globalThis.document?.removeEventListener("visibilitychange", shown);
  };
};

/** The browser's or Node's own. Node has a `WebSocket` from version 22 on. */
export const here = (WebSocket?: SocketClass): Environment => ({
  now: () => performance.now(),
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number),
  random: Math.random,
  online: () => globalThis.navigator?.onLine !== false,
  onWake,
  WebSocket: WebSocket ?? (globalThis.WebSocket as SocketClass | undefined),
  fetch: (...request) => fetch(...request),
});
