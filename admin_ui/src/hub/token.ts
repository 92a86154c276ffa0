import { keepInTab, keptInTab } from "../storage";

const KEY = "tocsin.token";

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
 * Who needs the next one waits for it; `wanted` is true meanwhile, so that the page asks for it and goes on where it is. A
 * token pasted in one tab serves the others of the same user that wait for one.
 */
export class TokenKeeper extends EventTarget {
  #token: string | undefined;
  /** When it ends, in milliseconds since 1970; unknown also where this clock must be wrong: it had ended when it came. */
  #ends: number | undefined;
  #waiting: { readonly promise: Promise<string | undefined>; settle(token: string | undefined): void } | undefined;
  readonly #tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(KEY);

  constructor() {
    super();
    this.#hold(keptInTab(KEY) ?? undefined);
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

  /** Gives the token, or the next one when it has ended; `undefined` when signed out. */
  usable(): Promise<string | undefined> {
    const ended = this.#ends !== undefined && this.#ends <= Date.now();
    return ended ? this.next() : Promise.resolve(this.#token);
  }

  /** Gives the next token, as soon as there is one; `undefined` when somebody signs out instead. */
  next(): Promise<string | undefined> {
    if (!this.#waiting) {
      let settle!: (token: string | undefined) => void;
      const promise = new Promise<string | undefined>((resolve) => (settle = resolve));
      this.#waiting = { promise, settle };
      this.#changed();
    }
    return this.#waiting.promise;
  }

  /** Takes a new token. */
  renew(token: string): void {
    this.#take(token);
    this.#tabs?.postMessage(token);
  }

  /** Forgets the token. */
  drop(): void {
    keepInTab(KEY, null);
    this.#hold(undefined);
    this.#settle(undefined);
  }

  #take(token: string): void {
    keepInTab(KEY, token);
    this.#hold(token);
    this.#settle(token);
  }

  #hold(token: string | undefined): void {
    this.#token = token;
    const { expires = 0 } = token ? claimsOf(token) : {};
    this.#ends = expires > Date.now() ? expires : undefined;
  }

  #settle(token: string | undefined): void {
    this.#waiting?.settle(token);
    this.#waiting = undefined;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
