import { keepInTab, keptInTab } from "../storage";

const KEY = "tocsin.token";

/** Milliseconds before its end from which a token isn't offered any more: the hub warns a minute before. */
const AGEING = 65_000;

/** What may stand in a token: the characters of a JWT, and those of other bearer tokens (RFC 6750). */
const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/** What a token says of itself. Unchecked: only the hub can check it. */
export interface Claims {
  readonly user: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number | undefined;
}

/** Reads a token as somebody pasted it; `undefined` when it is none. */
export const tokenIn = (text: string): string | undefined => {
  const value = text.trim().replace(/^Bearer\s+/i, "");
  return TOKEN.test(value) ? value : undefined;
};

/** Reads a token's claims, as far as it has any that can be read. */
export function claimsOf(token: string): Claims {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return {
      user: typeof claims["sub"] === "string" ? claims["sub"] : undefined,
      expires: typeof claims["exp"] === "number" ? claims["exp"] * 1000 : undefined,
    };
  } catch {
    return { user: undefined, expires: undefined };
  }
}

/**
 * The token of this tab. It lives in the tab's storage alone, never in an address.
 *
 * When it nears its end, who asks for it waits for the next one, and `wanted` turns true so that the page asks for it. The
 * connection then goes on with the new token; nothing is loaded again. A token pasted in one tab serves the others of the
 * same user that wait for one.
 */
export class TokenKeeper extends EventTarget {
  #token = keptInTab(KEY) ?? undefined;
  #waiting: { readonly promise: Promise<string | null>; settle(token: string | null): void } | undefined;
  readonly #tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(KEY);

  constructor() {
    super();
    this.#tabs?.addEventListener("message", ({ data }) => {
      const token = typeof data === "string" ? tokenIn(data) : undefined;
      if (token && this.wanted && this.#token && claimsOf(token).user === claimsOf(this.#token).user) this.#take(token);
    });
  }

  /** The token, whatever its age. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Somebody waits for a new token. */
  get wanted(): boolean {
    return this.#waiting !== undefined;
  }

  /** Gives a token that has a while to go, waiting for it if need be; `undefined` when signed out. */
  readonly fresh = async (): Promise<string | undefined> => {
    if (!this.#token) return undefined;
    const { expires } = claimsOf(this.#token);
    if (expires === undefined || expires - Date.now() > AGEING) return this.#token;
    return (await this.#next()) ?? undefined;
  };

  /** Takes a new token. */
  renew(token: string): void {
    this.#take(token);
    this.#tabs?.postMessage(token);
  }

  /** Forgets the token. */
  drop(): void {
    this.#token = undefined;
    keepInTab(KEY, null);
    this.#settle(null);
  }

  #take(token: string): void {
    this.#token = token;
    keepInTab(KEY, token);
    this.#settle(token);
  }

  #next(): Promise<string | null> {
    if (!this.#waiting) {
      let settle!: (token: string | null) => void;
      const promise = new Promise<string | null>((resolve) => (settle = resolve));
      this.#waiting = { promise, settle };
      this.#changed();
    }
    return this.#waiting.promise;
  }

  #settle(token: string | null): void {
    this.#waiting?.settle(token);
    this.#waiting = undefined;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
