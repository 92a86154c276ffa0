import { HubError } from "tocsin-client";
import { keep, kept } from "../storage";
import { exclusively } from "./lock";
import type { Person, Tokens } from "./my";

/** Where the sign-in is kept: for all tabs of this browser, and their next visit. */
const KEY = "tocsin.account";

/** Milliseconds before its end from which on a token isn't used for a new request. */
const LAST = 5_000;

/** Milliseconds until the next attempt after a token couldn't be had. */
const AGAIN = 10_000;

/** Longest time of a timer: more overflows it. */
const LONGEST = 2_000_000_000;

/** What is kept of a sign-in. Times are milliseconds since 1970, by this machine's clock. */
interface Kept {
  readonly access: string;
  readonly ends: number;
  /** Milliseconds that the access token lives in all. */
  readonly life: number;
  readonly refresh: string;
  readonly user: Person;
}

/** Asks the hub, without a token. */
export type AskAccounts = (path: "/auth/register" | "/auth/login" | "/auth/refresh" | "/auth/logout", body: object) => Promise<unknown>;

export interface Joining {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

/**
 * Who is signed in with an account of the hub. All tabs share it: one of them gets the next tokens, before the present ones
 * end, and the others take them over. (A refresh token works once; the hub takes a second use for theft.)
 *
 * Its event `change` tells that somebody else, or nobody, is signed in.
 */
export class Account extends EventTarget {
  #kept: Kept | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<string | undefined> | undefined;
  #ended: Person | undefined;

  constructor(private readonly ask: AskAccounts) {
    super();
    this.#kept = read();
    this.#plan();
    globalThis.addEventListener?.("storage", ({ key }) => {
      if (key === KEY || key === null) this.#adopt(read());
    });
  }

  /** Who is signed in. The same object until that changes. */
  get user(): Person | undefined {
    return this.#kept?.user;
  }

  /** Whose sign-in the hub took no more; `undefined` for who signed out. */
  get ended(): Person | undefined {
    return this.#ended;
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#take((await this.ask("/auth/login", { email, password })) as Tokens);
  }

  async register(joining: Joining): Promise<void> {
    this.#take((await this.ask("/auth/register", joining)) as Tokens);
  }

  /** Signs out at once, here and in all tabs; the hub is told as soon as it can be. */
  signOut(): void {
    const refresh_token = this.#kept?.refresh;
    this.#ended = undefined;
    this.#forget();
    if (refresh_token) this.ask("/auth/logout", { refresh_token }).catch(() => undefined);
  }

  /** Gives a token that works now; `undefined` when nobody is signed in. Rejects with `HubError` when the hub is away. */
  async usable(): Promise<string | undefined> {
    const now = this.#kept;
    return now && now.ends - LAST <= Date.now() ? this.#renew() : now?.access;
  }

  /** Gives a token that has at least half of its life before it. */
  async next(): Promise<string | undefined> {
    const now = this.#kept;
    return now && !isFresh(now) ? this.#renew() : now?.access;
  }

  #renew(): Promise<string | undefined> {
    this.#renewing ??= exclusively(`${KEY}.lock`, () => this.#renewed()).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renewed(): Promise<string | undefined> {
    const stored = read();
    if (!stored || stored.access !== this.#kept?.access) this.#adopt(stored); // another tab was faster
    if (!this.#kept || isFresh(this.#kept)) return this.#kept?.access;
    try {
      this.#take((await this.ask("/auth/refresh", { refresh_token: this.#kept.refresh })) as Tokens);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#ended = this.#kept?.user;
      this.#forget();
    }
    return this.#kept?.access;
  }

  #take({ access_token, expires_in, refresh_token, user }: Tokens): void {
    const life = expires_in * 1000;
    const next = { access: access_token, ends: Date.now() + life, life, refresh: refresh_token, user };
    keep(KEY, JSON.stringify(next));
    this.#adopt(next);
  }

  #forget(): void {
    keep(KEY, null);
    this.#adopt(undefined);
  }

  #adopt(next: Kept | undefined): void {
    const before = this.#kept;
    const same = before?.user.id === next?.user.id;
    this.#kept = same && before && next ? { ...next, user: before.user } : next;
    this.#plan();
    if (!same) this.dispatchEvent(new Event("change"));
  }

  /** The next tokens are asked for in time; a hidden tab's timers may be late, and then `usable` does it. */
  #plan(delay?: number): void {
    clearTimeout(this.#timer);
    if (!this.#kept) return;
    const { ends, life } = this.#kept;
    const due = Math.max(0, ends - Math.min(90_000, life / 3) - Date.now());
    this.#timer = setTimeout(() => this.next().catch(() => this.#plan(AGAIN)), Math.min(delay ?? due, LONGEST));
  }
}

const isFresh = ({ ends, life }: Kept): boolean => ends - Date.now() > life / 2;

/** The hub doesn't take this sign-in any more. Everything else may pass. */
const isRefusal = (error: unknown): boolean =>
  error instanceof HubError && !error.temporary && error.status !== undefined && error.status < 500 && error.status !== 404;

function read(): Kept | undefined {
  try {
    const value = JSON.parse(kept(KEY) ?? "null") as Kept | null;
    return value && typeof value.access === "string" && typeof value.refresh === "string" && value.user ? value : undefined;
  } catch {
    return undefined;
  }
}
