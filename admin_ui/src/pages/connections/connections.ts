import type { Tone } from "../../components/Stat";
import type { paths } from "../../hub/schema";
import type { Schema } from "../../hub/api";

export type Connection = Schema<"ConnectionState">;
export type Delivery = Schema<"Delivery">;
export type DeliverySession = Schema<"DeliverySession">;
export type Verdict = Delivery["verdict"];

type Query = NonNullable<paths["/api/connections"]["get"]["parameters"]["query"]>;

export const SORTS = ["queued_bytes", "latency", "opened", "channels"] as const satisfies readonly NonNullable<Query["sort"]>[];
export type Sort = (typeof SORTS)[number];

/** Connections on a page of the list. */
export const PAGE = 50;

/** What the list asks the hub for. Empty texts ask for nothing. */
export const queryOf = (search: string, channel: string, sort: Sort, page: number): Query => ({
  sort,
  limit: PAGE,
  offset: (page - 1) * PAGE,
  ...(search.trim() && { search: search.trim() }),
  ...(channel.trim() && { channel: channel.trim() }),
});

export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  delivered: "good",
  replayed: "good",
  pending: "info",
  filtered: "plain",
  slow_closed: "bad",
  written_then_lost: "bad",
  gap: "bad",
  not_subscribed: "warn",
  not_connected: "warn",
  too_old: "plain",
  unknown_user: "plain",
  unknown_publication: "plain",
};

export const WHO = ["user", "client_id", "session"] as const;
export type Who = (typeof WHO)[number];

/** A question about deliveries. */
export interface Question {
  readonly who: Who;
  readonly name: string;
  readonly channel: string;
  /** Empty: the newest publications. */
  readonly offset: string;
}

/** The question in an address, as far as it is one; `undefined` when it isn't complete. */
export function questionIn(params: URLSearchParams): Question | undefined {
  const who = WHO.find((one) => params.get(one));
  const channel = params.get("channel");
  if (!who || !channel) return undefined;
  return { who, name: params.get(who) ?? "", channel, offset: /^[1-9]\d*$/.test(params.get("offset") ?? "") ? (params.get("offset") ?? "") : "" };
}

/** The address of a question, and the query that asks it. */
export const asQuery = ({ who, name, channel, offset }: Question): Record<string, string> => ({ [who]: name, channel, ...(offset && { offset }) });

/** What becomes of a publication in one session, with what that session had to do with the channel. */
export const sessionOf = (sessions: readonly DeliverySession[], name: string): DeliverySession | undefined =>
  sessions.find(({ session }) => session === name);
