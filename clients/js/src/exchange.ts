import { HubError } from "./errors.js";

/** A request to the hub's HTTP interface. */
export interface Asking {
  readonly method?: string;
  readonly token?: string | undefined;
  /** What is `undefined` or `null` is left out. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** A form goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cache?: RequestCache;
  readonly signal: AbortSignal;
}

/** Asks the hub. Throws `HubError` when it refuses, and what `fetch` throws when it can't be asked. */
export const exchange = async (
  ask: typeof fetch,
  address: string,
  { method = "GET", token, query = {}, body, headers, ...init }: Asking,
): Promise<Response> => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = String(new URLSearchParams(given.map(([name, value]) => [name, String(value)])));
  const isJson = body !== undefined && !(body instanceof FormData);
  const response = await ask(text ? `${address}?${text}` : address, {
    ...init,
    method,
    headers: {
      Accept: "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(isJson && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as FormData) }),
  });
  if (response.ok) return response;
  const { status } = response;
  const answer = (await response.json().catch(() => undefined)) as Refusal | undefined;
  const temporary = status === 429 || status >= 500;
  throw HubError.from(reasonIn(answer) ?? { code: "internal", message: `the hub answered ${status}`, temporary }, status);
};

type Fields = Readonly<Record<string, unknown>>;

/** A refusal: `error` of most of the interface, or a problem of `/auth` and `/my` (RFC 9457), which is flat. */
interface Refusal extends Fields {
  readonly error?: Fields;
}

const reasonIn = (answer: Refusal | undefined): Fields | undefined =>
  answer?.error ?? (typeof answer?.["code"] === "string" ? { ...answer, message: answer["detail"] ?? answer["title"] } : undefined);
