import {
  useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryOptions, type UseQueryResult,
} from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { HubError } from "tocsin-client";
import type { AnswerOf, AskingOf, Http, PathOf } from "tocsin-client/http";
import { errorText } from "./errors";
import type { components, paths } from "./schema";
import { useSession } from "./session";

/** The hub's HTTP interface, typed by its OpenAPI document. */
export type HubApi = Http<paths>;

/** A model of the hub's API, by its name there. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

type GetPath = PathOf<paths, "get">;
type Asking<Path extends GetPath> = AskingOf<paths[Path]["get"]>;

/** What `GET` of a path answers. */
export type AnswerTo<Path extends GetPath> = AnswerOf<paths[Path]["get"]>;

export interface Reading {
  /** Milliseconds between two readings while somebody looks; without it, it is read once. */
  readonly every?: number;
  readonly enabled?: boolean;
}

/** Reads an answer and keeps it up to date: at intervals, when the tab is looked at, when the hub is back. */
export function useAnswer<Path extends GetPath>(
  path: Path,
  asking?: Asking<Path>,
  { every, enabled = true }: Reading = {},
): UseQueryResult<AnswerTo<Path>, HubError> {
  const { api, refused } = useSession();
  const get = api.get as (path: string, asking: object) => Promise<AnswerTo<Path>>;
  return useQuery<AnswerTo<Path>, HubError>({
    queryKey: [path, asking ?? {}],
    queryFn: ({ signal }) => get(path, { ...asking, signal }),
    refetchInterval: every ?? false,
    enabled: enabled && !refused,
    placeholderData: (previous: AnswerTo<Path> | undefined) => previous,
  } as UseQueryOptions<AnswerTo<Path>, HubError>);
}

export interface Acting<Result> {
  /** What is read again after a success. */
  readonly stale?: readonly (keyof paths)[];
  /** Said after a success. */
  readonly done?: string | ((result: Result) => string);
  /** The page itself says what failed, at the place where it was asked. */
  readonly quiet?: boolean;
}

/**
 * Something that an operator does. Failures are told in words where the operator looks; the named readings are read again
 * after a success.
 */
export function useAction<Variables, Result = unknown>(
  act: (api: HubApi, variables: Variables) => Promise<Result>,
  { stale = [], done, quiet = false }: Acting<Result> = {},
): UseMutationResult<Result, HubError, Variables> {
  const { api } = useSession();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { t } = useTranslation();
  return useMutation<Result, HubError, Variables>({
    mutationFn: (variables) => act(api, variables),
    onSuccess: (result) => {
      const said = typeof done === "function" ? done(result) : done;
      if (said) void message.success(said);
      for (const path of stale) void queries.invalidateQueries({ queryKey: [path] });
    },
    onError: (error) => {
      if (!quiet) void message.error(errorText(error, t), 6);
    },
  });
}
