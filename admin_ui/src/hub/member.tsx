import {
  useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData, type UseInfiniteQueryResult, type UseMutationResult, type UseQueryResult,
} from "@tanstack/react-query";
import { App } from "antd";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { connect, HubError, type Hub } from "tocsin-client";
import { http, type AnswerOf, type AskingOf, type PathOf } from "tocsin-client/http";
import { errorText } from "./errors";
import type { MyApi, MyPaths, PageOf } from "./my";
import { label, useSession, type Membership, type Session } from "./session";

/** Who is signed in, and how their own part of the hub is reached. */
export interface Member extends Membership {
  readonly hub: Hub;
  readonly api: MyApi;
  readonly address: string;
}

const Context = createContext<Member | undefined>(undefined);

/** The user whose chat, agents and memories are shown. */
export function useMember(): Member {
  const member = useContext(Context);
  if (!member) throw new Error("useMember() expects a <MemberProvider> above");
  return member;
}

/** Everything below belongs to one user. */
export function MemberProvider({ membership, children }: { readonly membership: Membership; readonly children: ReactNode }) {
  const session = useSession();
  const { address } = session;
  const hub = useHub(membership, session);
  const api = useMemo(() => http<MyPaths>(address, { token: async () => (await membership.token()) ?? "" }), [address, membership]);
  const member = useMemo(() => hub && { ...membership, hub, api, address }, [membership, hub, api, address]);
  return member ? <Context.Provider value={member}>{children}</Context.Provider> : null;
}

/** The page's own connection where it is that user's, else one more. */
function useHub({ shared, token, next }: Membership, { hub: own, address }: Session): Hub | undefined {
  const [made, setMade] = useState<Hub>();
  useEffect(() => {
    if (shared) return;
    let hub: Hub | undefined; // which asks for a token before it is there
    const ask = async () => {
      const live = hub?.state === "connected" || hub?.state === "degraded";
      return (await (live ? next() : token())) ?? null;
    };
    hub = connect(address, { token: ask, clientId: `chat-${label()}` });
    setMade(hub);
    return () => {
      setMade(undefined);
      hub.close();
    };
  }, [shared, token, next, address]);
  return shared ? own : made;
}

type GetPath = PathOf<MyPaths, "get">;
type Asking<Path extends GetPath> = AskingOf<MyPaths[Path]["get"]>;
type AnswerTo<Path extends GetPath> = AnswerOf<MyPaths[Path]["get"]>;

const keyOf = (subject: string | undefined, path: string, asking: unknown) => ["my", subject ?? "", path, asking ?? {}] as const;

/** Reads something of one's own, and keeps it up to date. */
export function useMine<Path extends GetPath>(
  path: Path,
  asking?: Asking<Path>,
  { every, enabled = true }: { readonly every?: number; readonly enabled?: boolean } = {},
): UseQueryResult<AnswerTo<Path>, HubError> {
  const { api, subject } = useMember();
  const get = api.get as (path: string, asking: object) => Promise<AnswerTo<Path>>;
  return useQuery<AnswerTo<Path>, HubError>({
    queryKey: keyOf(subject, path, asking),
    queryFn: ({ signal }) => get(path, { ...asking, signal }),
    refetchInterval: every ?? false,
    enabled,
  });
}

type ListPath = { [Path in GetPath]: AnswerTo<Path> extends PageOf<unknown> ? Path : never }[GetPath];
type ItemOf<Path extends ListPath> = AnswerTo<Path> extends PageOf<infer Item> ? Item : never;

/** Reads a list of one's own, page by page. */
export function useMyList<Path extends ListPath>(
  path: Path,
  asking: { readonly params?: Readonly<Record<string, string>>; readonly query?: Readonly<Record<string, unknown>> } = {},
  { every }: { readonly every?: number } = {},
): UseInfiniteQueryResult<readonly ItemOf<Path>[], HubError> {
  const { api, subject } = useMember();
  const get = api.get as unknown as (path: string, asking: object) => Promise<PageOf<ItemOf<Path>>>;
  return useInfiniteQuery<PageOf<ItemOf<Path>>, HubError, readonly ItemOf<Path>[], readonly unknown[], string | null>({
    queryKey: keyOf(subject, path, asking),
    queryFn: ({ signal, pageParam }) => get(path, { ...asking, query: { limit: 100, ...asking.query, cursor: pageParam }, signal }),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }: InfiniteData<PageOf<ItemOf<Path>>>) => pages.flatMap(({ items }) => items),
    refetchInterval: every ?? false,
  });
}

export interface Acting<Result> {
  /** What is read again after a success. */
  readonly stale?: readonly GetPath[];
  /** Said after a success. */
  readonly done?: string | ((result: Result) => string);
  /** The page itself says what failed, at the place where it was asked. */
  readonly quiet?: boolean;
}

/** Something that a user does with what is theirs. */
export function useMyAction<Variables, Result = unknown>(
  act: (api: MyApi, variables: Variables) => Promise<Result>,
  { stale = [], done, quiet = false }: Acting<Result> = {},
): UseMutationResult<Result, HubError, Variables> {
  const { api } = useMember();
  const again = useAgain();
  const { message } = App.useApp();
  const { t } = useTranslation();
  return useMutation<Result, HubError, Variables>({
    mutationFn: (variables) => act(api, variables),
    onSuccess: (result) => {
      const said = typeof done === "function" ? done(result) : done;
      if (said) void message.success(said);
      for (const path of stale) again(path);
    },
    onError: (error) => {
      if (!quiet) void message.error(errorText(error, t), 6);
    },
  });
}

/** Has a path of one's own read again. */
export function useAgain(): (path: GetPath) => void {
  const { subject } = useMember();
  const queries = useQueryClient();
  return useMemo(() => (path) => void queries.invalidateQueries({ queryKey: ["my", subject ?? "", path] }), [queries, subject]);
}
