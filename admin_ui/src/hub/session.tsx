import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { connect, HubError, type Hub, type StateChange } from "tocsin-client";
import { http } from "tocsin-client/http";
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
  readonly signedIn: boolean;
  signIn(token: string): void;
  signOut(): void;
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
  const [attempt, setAttempt] = useState(0);
  const [world, setWorld] = useState<World>();
  // A hub object that was refused is at its end: the next token gets a new one.
  useEffect(() => {
    const made = begin(address, keeper);
    setWorld(made);
    return () => made.hub.close();
  }, [address, keeper, attempt]);
  if (!world) return null;
  const again = () => setAttempt((last) => last + 1);
  return (
    <Connected {...world} keeper={keeper} again={again}>
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
  readonly keeper: TokenKeeper;
  readonly children: ReactNode;
  again(): void;
}

function Connected({ hub, api, queries, keeper, again, children }: ConnectedProps) {
  const { link, refused } = useLink(hub, queries);
  const renewing = useSyncExternalStore(
    (changed) => {
      keeper.addEventListener("change", changed);
      return () => keeper.removeEventListener("change", changed);
    },
    () => keeper.wanted,
  );
  const welcome = hub.welcome;
  const session: Session = {
    hub,
    api,
    link,
    refused,
    renewing,
    user: typeof welcome?.["user"] === "string" ? welcome["user"] : undefined,
    operator: welcome ? welcome["operator"] === true : undefined,
    signedIn: keeper.token !== undefined,
    signIn: (token) => {
      keeper.renew(token);
      if (hub.state === "closed") again();
    },
    signOut: () => {
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

function begin(address: string, keeper: TokenKeeper): World {
  let hub: Hub | undefined; // which asks for a token before it is there
  const token = async () => {
    // A live connection asks when its token ends soon: the same one again would be of no use.
    const live = hub?.state === "connected" || hub?.state === "degraded";
    return (await (live ? keeper.next() : keeper.usable())) ?? "";
  };
  hub = connect(address, { token, clientId: `admin-${label()}` });
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
  return { hub, api: http<paths>(address, { token: async () => (await keeper.usable()) ?? "" }), queries };
}

/** Tells the pages of one user apart. (`crypto.randomUUID` is only there on https and localhost.) */
const label = (): string =>
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
