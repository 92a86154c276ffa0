import { HubError } from "./errors.js";
import { exchange, type Asking } from "./exchange.js";
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
    const seen = [...channels].flatMap(([name, since]) => (since ? [`${name}:${since.epoch ?? ""}:${since.offset}`] : []));
    const query = {
      channels: [...channels.keys()].join(","),
      since: seen.length ? seen.join(",") : undefined,
      client_id: this.options.clientId,
      ticket: this.token ? (await this.#post("/api/tickets", {}))["ticket"] : undefined,
    };
    const headers = { Accept: "text/event-stream" };
    const response = await this.#ask("/events", { query, headers, signal, cache: "no-store" }); // the ticket is its token
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
    if (action === "ping") return this.#ask("/health").then(() => ({ type: "pong" }));
    throw new HubError("unknown_action", `${action} can't be done without a WebSocket`);
  }

  #publish({ echo, ...fields }: Body): Promise<Body> {
    const { clientId } = this.options;
    return this.#post("/api/publish", echo === false && clientId !== undefined ? { ...fields, except: clientId } : fields);
  }

  #get(path: string, query?: Body): Promise<Body> {
    return this.#json(path, { token: this.token, query });
  }

  #post(path: string, body: Body): Promise<Body> {
    return this.#json(path, { method: "POST", token: this.token, body });
  }

  async #json(path: string, asking: Partial<Asking>): Promise<Body> {
    return (await (await this.#ask(path, asking)).json()) as Body;
  }

  #ask(path: string, asking: Partial<Asking> = {}): Promise<Response> {
    const { environment, root } = this.options;
    return exchange(environment.fetch, root + path, { signal: this.signal, ...asking });
  }
}

const historyQuery = ({ since, limit, reverse }: Body): Body => ({
  since: since ? `${(since as Since).epoch ?? ""}:${(since as Since).offset}` : undefined,
  limit,
  reverse: reverse ? true : undefined,
});

const presenceQuery = ({ members }: Body): Body => ({ members: members === false ? false : undefined });
