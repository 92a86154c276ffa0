import { rootOf } from "./address.js";
import type { Token } from "./connection.js";
import { here, type Environment } from "./environment.js";
import { HubError } from "./errors.js";
import { exchange } from "./exchange.js";

export type { Token } from "./connection.js";
export { HubError } from "./errors.js";

export interface HttpOptions {
  /** A token, or a function that gets one, which is called before each request. */
  readonly token?: Token;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Milliseconds until the whole answer is there, 10,000 unless told; 0 is no limit. */
  readonly timeout?: number;
}

export type Method = "get" | "post" | "put" | "patch" | "delete";

interface AnyOperation {
  parameters: { path?: Readonly<Record<string, string | number>>; query?: Readonly<Record<string, unknown>> };
  requestBody?: { content: { "application/json": unknown; "multipart/form-data": unknown } };
  responses: { 200: { content: { "application/json": unknown } } };
}

/** What is known of paths when nothing is: all may be asked, and the answers are `unknown`. */
export type AnyPaths = Record<string, Record<Method, AnyOperation>>;

/** The paths that can be asked by a method. */
export type PathOf<Paths, M extends Method> = keyof { [P in keyof Paths as Paths[P] extends Record<M, object> ? P : never]: 0 } & string;

type OperationOf<Paths, P extends keyof Paths, M extends Method> = Paths[P] extends Record<M, infer O> ? O : never;

type Field<Name extends string, Value> = [Value] extends [never] ? { readonly [N in Name]?: never } : { readonly [N in Name]: Value };

type ParamsOf<O> = O extends { parameters: { path: infer V } } ? Field<"params", V>
  : O extends { parameters: { path?: infer V } } ? Partial<Field<"params", Exclude<V, undefined>>>
  : unknown;

type QueryOf<O> = O extends { parameters: { query: infer V } } ? Field<"query", V>
  : O extends { parameters: { query?: infer V } } ? Partial<Field<"query", Exclude<V, undefined>>>
  : unknown;

type Sent<Content> =
  | (Content extends { "application/json": infer Json } ? Json : never)
  | (Content extends { "multipart/form-data": unknown } ? FormData : never);

type BodyOf<O> = O extends { requestBody: { content: infer Content } } ? Field<"body", Sent<Content>>
  : O extends { requestBody?: { content: infer Content } } ? Partial<Field<"body", Sent<Content>>>
  : unknown;

/** What can be said with a request. */
export type AskingOf<O> = ParamsOf<O> & QueryOf<O> & BodyOf<O> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds for this request. A form has no limit unless told: an upload takes as long as it takes. */
  readonly timeout?: number;
};

type Received<R> = R extends { content: { "application/json": infer Json } } ? Json
  : R extends { content: infer Content } ? Content[keyof Content]
  : undefined;

/** What the hub answers when it doesn't refuse; `undefined` where an answer has no content. */
export type AnswerOf<O> = O extends { responses: infer R } ? Received<R[keyof R & (200 | 201 | 202 | 204)]> : unknown;

type Ask<Paths, M extends Method> = <P extends PathOf<Paths, M>>(
  path: P,
  ...asking: object extends AskingOf<OperationOf<Paths, P, M>>
    ? [asking?: AskingOf<OperationOf<Paths, P, M>>]
    : [asking: AskingOf<OperationOf<Paths, P, M>>]
) => Promise<AnswerOf<OperationOf<Paths, P, M>>>;

/**
 * A hub's HTTP interface. Each call is one request, never repeated. It rejects with a `HubError`: the hub's own, `timeout`,
 * or `disconnected` when the answer didn't come, after which the hub may have done what was asked or not.
 */
export type Http<Paths> = { readonly [M in Method]: Ask<Paths, M> };

interface AnyAsking {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

/**
 * A client of the hub's HTTP interface. `Paths` is the interface `paths` that openapi-typescript makes of the hub's
 * document (docs/openapi.json, or `/api/openapi.json` of a hub); with it paths, placeholders, queries, bodies and answers
 * have their types.
 *
 * `url` is the hub's address as `connect` takes it. Throws when it is none.
 */
export function http<Paths = AnyPaths>(url: string | URL, options: HttpOptions = {}): Http<Paths> {
  return client(rootOf(url), options, { ...here(), ...(options.fetch && { fetch: options.fetch }) });
}

/** @internal */
export const client = <Paths = AnyPaths>(
  root: string,
  { token, timeout: usual = 10_000 }: HttpOptions,
  environment: Pick<Environment, "fetch" | "setTimer" | "clearTimer">,
): Http<Paths> => {
  const ask = async (method: string, path: string, asking: AnyAsking): Promise<unknown> => {
    const { params = {}, signal, body, timeout = body instanceof FormData ? 0 : usual, ...rest } = asking;
    const address = root + filled(path, params);
    const value = typeof token === "function" ? await token() : token;
    if (value === null) throw new HubError("unauthenticated", "there is no token");
    signal?.throwIfAborted();
    const gone = new AbortController();
    const leave = () => gone.abort(signal?.reason);
    const late = () => gone.abort(new HubError("timeout", `no answer to ${method} ${path} within ${timeout} ms`, true));
    const timer = timeout ? environment.setTimer(late, timeout) : undefined;
    signal?.addEventListener("abort", leave);
    try {
      return await contentOf(await exchange(environment.fetch, address, { ...rest, method, token: value, body, signal: gone.signal }));
    } catch (error) {
      if (gone.signal.aborted) throw gone.signal.reason;
      if (error instanceof HubError) throw error;
      const why = `no answer to ${method} ${path}: ${error instanceof Error ? error.message : String(error)}`;
      throw Object.assign(new HubError("disconnected", why, true), { cause: error });
    } finally {
      environment.clearTimer(timer);
      signal?.removeEventListener("abort", leave);
    }
  };
  const by = (method: string) => (path: string, asking: AnyAsking = {}) => ask(method, path, asking);
  return { get: by("GET"), post: by("POST"), put: by("PUT"), patch: by("PATCH"), delete: by("DELETE") } as unknown as Http<Paths>;
};

/** A path with its placeholders filled. A part of dots alone would be another path, whatever its encoding. */
const filled = (path: string, params: Readonly<Record<string, string | number>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name] ?? "");
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`expected a value for {${name}} of ${path}, got ${JSON.stringify(value)}`);
    return encodeURIComponent(value);
  });

const contentOf = async (response: Response): Promise<unknown> => {
  if (response.status === 204) return undefined;
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return isJson ? response.json() : response.text();
};
