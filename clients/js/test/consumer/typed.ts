// What a user of the package writes, with the types that the package ships. Compiled by types.test.ts, never run.
import { connect, HubError, type Gap, type Publication } from "tocsin-client";
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
