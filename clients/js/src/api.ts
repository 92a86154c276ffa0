import { HubError } from "./errors.js";
import type { Command, Since } from "./protocol.js";
import type { LinkOptions } from "./transport.js";

type Body = Readonly<Record<string, unknown>>;

/** The hub's HTTP interface, asked in the words of the protocol. Throws `HubError` when the hub refuses. */
export class Api {
  token: string | undefined;

  constructor(
    private readonly options: LinkOptions,
    private readonly signal: AbortSignal,
  ) {
    this.token = options.token;
  }

  /** The names of the channels that this client may see. */
  async channels(): Promise<string[]> {
    const { channels } = await this.#get("/api/channels");
    return Array.isArray(channels) ? channels.map((channel: { name?: string } | string) => (typeof channel === "string" ? channel : (channel.name ?? ""))) : [];
  }

  /** Opens the stream of these channels. The token stays out of the URL: a ticket that works once stands in for it. */
  async stream(channels: ReadonlyMap<string, Since | undefined>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const query = new URLSearchParams({ channels: [...channels.keys()].join(",") });
    const seen = [...channels].flatMap(([name, since]) => (since ? [`${name}:${since.epoch ?? ""}:${since.offset}`] : []));
    if (seen.length) query.set("since", seen.join(","));
    if (this.options.clientId !== undefined) query.set("client_id", this.options.clientId);
    if (this.token) query.set("ticket", String((await this.#post("/api/tickets", {}))["ticket"]));
    const headers = { Accept: "text/event-stream" };
    const response = await this.#fetch(`/events?${query}`, { headers, signal, cache: "no-store" });
    if (!response.body) throw new HubError("internal", "the stream has no body", true);
    return response.body;
  }

  /** Does a command; returns the fields of its reply. */
  async run(command: Command): Promise<Body> {
    const { action, id: _, ...fields } = command;
    const path = `/api/channels/${encodeURIComponent(String(fields["channel"]))}`;
    if (action === "publish") return { type: "publish", status: "success", results: [await this.#publish(fields)] };
    if (action === "history") return { type: "history", ...(await this.#get(`${path}/history`, historyQuery(fields))) };
    if (action === "presence") return { type: "presence_state", ...(await this.#get(`${path}/presence`, presenceQuery(fields))) };
    if (action === "stats") return { type: "stats", data: await this.#get("/api/stats") };
    if (action === "ping") return this.#fetch("/health").then(() => ({ type: "pong" }));
    throw new HubError("unknown_action", `${action} can't be done without a WebSocket`);
  }

  #publish({ echo, ...fields }: Body): Promise<Body> {
    const { clientId } = this.options;
    return this.#post("/api/publish", echo === false && clientId !== undefined ? { ...fields, except: clientId } : fields);
  }

  #get(path: string, query?: URLSearchParams): Promise<Body> {
    return this.#json(query?.size ? `${path}?${query}` : path, { headers: this.#headers() });
  }

  #post(path: string, body: Body): Promise<Body> {
    const headers = { ...this.#headers(), "Content-Type": "application/json" };
    return this.#json(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  #headers(): Record<string, string> {
    return { Accept: "application/json", ...(this.token && { Authorization: `Bearer ${this.token}` }) };
  }

  async #json(path: string, init: RequestInit): Promise<Body> {
    return (await (await this.#fetch(path, init)).json()) as Body;
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { environment, root } = this.options;
    const response = await environment.fetch(root + path, { signal: this.signal, ...init });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => ({}))) as { error?: Body };
    const temporary = response.status === 429 || response.status >= 500;
    throw HubError.from(answer.error ?? { code: "internal", message: `the hub answered ${response.status}`, temporary });
  }
}

const historyQuery = ({ since, limit, reverse }: Body): URLSearchParams => {
  const query = new URLSearchParams();
  if (since) query.set("since", `${(since as Since).epoch ?? ""}:${(since as Since).offset}`);
  if (limit !== undefined) query.set("limit", String(limit));
  if (reverse) query.set("reverse", "true");
  return query;
};

const presenceQuery = ({ members }: Body): URLSearchParams =>
  new URLSearchParams(members === false ? { members: "false" } : {});
