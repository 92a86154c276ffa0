// What a user of the package writes, with the types that the package ships. Compiled by types.test.ts, never run.
import { connect, HubError, type Gap, type Publication } from "tocsin-client";
import { http } from "tocsin-client/http";
import { shared } from "tocsin-client/shared";
import { sse } from "tocsin-client/sse";

interface Alert {
  readonly summary: string;
}

const hub = connect("/", { token: async () => "t", transport: shared({ name: "me", over: sse }), fallback: sse });
const alerts = hub.subscribe<Alert>("system_alerts", { since: { offset: 0 } });

alerts.addEventListener("publication", ({ detail }) => detail.data.summary.trim());
alerts.addEventListener("publication:alert", ({ detail }) => detail.data.summary.trim());
alerts.addEventListener("gap", ({ detail }) => ((gap: Gap) => gap.reason)(detail));
alerts.addEventListener("anything", (event: Event) => event.type);
hub.addEventListener("state", ({ detail }) => (detail.retryIn ?? 0).toFixed());

// @ts-expect-error data has the type that was given
alerts.addEventListener("publication", ({ detail }) => detail.data.text);
// @ts-expect-error a transport is a function, so that what isn't used isn't loaded
connect("/", { transport: "sse" });
// @ts-expect-error there is no such option
hub.subscribe("c", { sinse: { offset: 0 } });

export async function read(): Promise<Publication<Alert> | undefined> {
  try {
    await using own = hub.subscribe<Alert>("system_alerts");
    for await (const message of own) return message;
    const { epoch = "", offset = 0 } = await hub.publish("c", "t", {}, { idempotencyKey: "k" });
    const { publications } = await hub.history<Alert>("c", { since: { epoch, offset } });
    return publications[0];
  } catch (error) {
    if (error instanceof HubError && error.temporary) return undefined;
    throw error;
  }
}

// As openapi-typescript writes it.
interface paths {
  "/api/channels/{channel}": {
    parameters: { query?: never; path?: never };
    get: {
      parameters: { query?: { limit?: number }; path: { channel: string } };
      requestBody?: never;
      responses: { 200: { content: { "application/json": { name: string } } }; 404: { content: { "application/json": { error: object } } } };
    };
    put?: never;
    delete: { parameters: { query?: never; path: { channel: string } }; requestBody?: never; responses: { 204: { content?: never } } };
  };
  "/train": {
    get?: never;
    post: {
      parameters: { query?: never; path?: never };
      requestBody?: { content: { "application/json": { path?: string }; "multipart/form-data": { files?: string[] } } };
      responses: { 202: { content: { "application/json": { id: string } } } };
    };
  };
}

export async function ask(): Promise<unknown[]> {
  const api = http<paths>("/", { token: async () => "t" });
  const { name } = await api.get("/api/channels/{channel}", { params: { channel: "c" }, query: { limit: 1 } });
  const nothing: undefined = await api.delete("/api/channels/{channel}", { params: { channel: "c" } });
  const ids = [await api.post("/train"), await api.post("/train", { body: { path: "a" } }), await api.post("/train", { body: new FormData() })];
  const unknown: unknown = await http("/").get("/anything", { query: { a: 1 } });
  // @ts-expect-error there is no such path
  void api.get("/api/channel");
  // @ts-expect-error this path has no such method
  void api.put("/api/channels/{channel}", { params: { channel: "c" } });
  // @ts-expect-error a placeholder is missing
  void api.get("/api/channels/{channel}");
  // @ts-expect-error it takes no such query
  void api.get("/api/channels/{channel}", { params: { channel: "c" }, query: { size: 1 } });
  // @ts-expect-error it takes no body
  void api.delete("/api/channels/{channel}", { params: { channel: "c" }, body: {} });
  // @ts-expect-error it takes another body
  void api.post("/train", { body: { path: 1 } });
  return [name.trim(), nothing, ids.map(({ id }) => id), unknown];
}
