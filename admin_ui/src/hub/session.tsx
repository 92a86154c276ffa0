import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode,
} from "react";
import { connect, HubError, type Hub, type StateChange } from "tocsin-client";
import { http, type AnyPaths } from "tocsin-client/http";
import { keep, kept } from "../storage";
import { Account } from "./account";
import type { HubApi } from "./api";
import type { paths } from "./schema";
import { TokenKeeper } from "./token";

/** What the page knows of its own connection. */
export interface Link extends Partial<StateChange> {
  readonly state: StateChange["state"];
  /** Milliseconds since 1970 of the next attempt. */
  readonly retryAt?: number;
  /** The number of the connection: one more each time it comes back. */
  readonly life: number;
}

export interface Session {
  readonly hub: Hub;
  readonly api: HubApi;
  readonly link: Link;
  /** Who the hub says this is; `undefined` on a hub without accounts, and until it said so. */
  readonly user: string | undefined;
  /** May use the operators' part of the hub. `undefined` until the hub said so. */
  readonly operator: boolean | undefined;
  /** Why the hub doesn't let this page in: it wants a token, or refuses this one. */
  readonly refused: HubError | undefined;
  /** The token ends soon, and a new one is waited for. */
  readonly renewing: boolean;
  /** By a token, or on a hub with keys by an account. */
  readonly signedIn: boolean;
  readonly account: Account;
  /** Whose chat, agents and memories are shown; `undefined` until somebody signs in. */
  readonly member: Membership | undefined;
  /** The hub's address. */
  readonly address: string;
  signIn(token: string): void;
  signOut(): void;
}

/** How a user's own part of the hub is reached. */
export interface Membership {
  /** As tokens name them; `undefined` until the hub said so. */
  readonly subject: string | undefined;
  /** For people: the name, or the address of the account. */
  readonly label: string;
  readonly token: () => Promise<string | undefined>;
  /** A token that lasts. */
  readonly next: () => Promise<string | undefined>;
  /** The page's own connection is that user's. On an open hub it isn't: who comes without a token is an operator there. */
  readonly shared: boolean;
}

const Context = createContext<Session | undefined>(undefined);

/** The connection to the hub, and who this is. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("useSession() expects a <SessionProvider> above");
  return session;
}

/** The hub's address: the page is served below it. */
const hubsAddress = (): string => new URL("..", document.baseURI).href;

/** One connection, one client for HTTP and one cache for everything below. */
export function SessionProvider({ children, address = hubsAddress() }: { readonly children: ReactNode; readonly address?: string }) {
  const [keeper] = useState(() => new TokenKeeper());
  const [account] = useState(() => accountAt(address));
  const [attempt, setAttempt] = useState(0);
  const [world, setWorld] = useState<World>();
  const again = useCallback(() => setAttempt((last) => last + 1), []);
  // A hub object that was refused is at its end: the next token gets a new one.
  useEffect(() => {
    const made = begin(address, keeper, account, again);
    setWorld(made);
    return () => made.hub.close();
  }, [address, keeper, account, attempt, again]);
  if (!world) return null;
  return (
    <Connected {...world} address={address} keeper={keeper} account={account} again={again}>
      {children}
    </Connected>
  );
}

interface World {
  readonly hub: Hub;
  readonly api: HubApi;
  readonly queries: QueryClient;
}

interface ConnectedProps extends World {
  readonly address: string;
  readonly keeper: TokenKeeper;
  readonly account: Account;
  readonly children: ReactNode;
  again(): void;
}

const followed = (target: EventTarget) => (changed: () => void) => {
  target.addEventListener("change", changed);
  return () => target.removeEventListener("change", changed);
};

function Connected({ hub, api, queries, address, keeper, account, again, children }: ConnectedProps) {
  const { link, refused } = useLink(hub, queries);
  const renewing = useSyncExternalStore(useMemo(() => followed(keeper), [keeper]), () => keeper.wanted);
  const person = useSyncExternalStore(useMemo(() => followed(account), [account]), () => account.user);
  const byAccount = keeper.token === undefined && person !== undefined && wantsToken();
  const id = person?.id;
  const before = useRef(id);
  useEffect(() => {
    if (before.current === id) return;
    before.current = id;
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === "my" });
    if (keeper.token === undefined && wantsToken()) again();
  }, [id, keeper, queries, again]);
  const welcome = hub.welcome;
  const user = typeof welcome?.["user"] === "string" ? welcome["user"] : undefined;
  const token = keeper.token;
  const byToken = useMemo<Membership | undefined>(
    () => (token === undefined ? undefined : { subject: user, label: user ?? "", token: () => keeper.usable(), next: () => keeper.next(), shared: true }),
    [token, user, keeper],
  );
  const asPerson = useMemo<Membership | undefined>(
    () => person && { subject: person.subject, label: person.name || person.email || person.subject, token: () => account.usable(), next: () => account.next(), shared: byAccount },
    [person, account, byAccount],
  );
  const session: Session = {
    hub,
    api,
    link,
    refused,
    renewing,
    user,
    operator: welcome ? welcome["operator"] === true : undefined,
    signedIn: token !== undefined || byAccount,
    account,
    member: byToken ?? asPerson,
    address,
    signIn: (value) => {
      keeper.renew(value);
      if (hub.state === "closed" || byAccount) again();
    },
    signOut: () => {
      if (token === undefined) return account.signOut();
      keeper.drop();
      queries.clear();
      again();
    },
  };
  return (
    <Context.Provider value={session}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </Context.Provider>
  );
}

/** This hub lets nobody in without a token: remembered, so that the next visit begins with that of the account. */
const KEYS = "tocsin.keys";

const wantsToken = (): boolean => kept(KEYS) !== null;

function accountAt(address: string): Account {
  const hub = http<AnyPaths>(address);
  return new Account((path, body) => hub.post(path, { body }));
}

function begin(address: string, keeper: TokenKeeper, account: Account, again: () => void): World {
  let hub: Hub | undefined; // which asks for a token before it is there
  const source = () => (keeper.token === undefined && wantsToken() ? account : keeper);
  const token = async () => {
    // A live connection asks when its token ends soon: the same one again would be of no use.
    const live = hub?.state === "connected" || hub?.state === "degraded";
    return (await (live ? source().next() : source().usable())) ?? "";
  };
  hub = connect(address, { token, clientId: `admin-${label()}` });
  hub.addEventListener("error", ({ detail }) => {
    if (!(detail instanceof HubError) || detail.code !== "unauthenticated" || wantsToken()) return;
    keep(KEYS, "1");
    if (account.user) again();
  });
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, error) => failures < 3 && error instanceof HubError && error.temporary,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  return { hub, api: http<paths>(address, { token: async () => (await source().usable()) ?? "" }), queries };
}

/** Tells the pages of one user apart. (`crypto.randomUUID` is only there on https and localhost.) */
export const label = (): string =>
  [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Follows the connection. When it is back, everything that was read over HTTP is read again. */
function useLink(hub: Hub, queries: QueryClient): { link: Link; refused: HubError | undefined } {
  const [link, setLink] = useState<Link>({ state: hub.state, life: 0 });
  const [refused, setRefused] = useState<HubError>();
  useEffect(() => {
    let life = 0;
    setLink({ state: hub.state, life });
    setRefused(undefined);
    const changed = ({ detail }: CustomEvent<StateChange>) => {
      const fresh = detail.state === "connected" && detail.previous !== "degraded";
      if (fresh && life++) void queries.invalidateQueries();
      const retryAt = detail.retryIn === undefined ? {} : { retryAt: Date.now() + detail.retryIn };
      setLink({ ...detail, ...retryAt, life });
    };
    const failed = ({ detail }: CustomEvent<unknown>) => {
      if (detail instanceof HubError && hub.state === "closed") setRefused(detail);
    };
    hub.addEventListener("state", changed);
    hub.addEventListener("error", failed);
    return () => {
      hub.removeEventListener("state", changed);
      hub.removeEventListener("error", failed);
    };
  }, [hub, queries]);
  return { link, refused };
}
