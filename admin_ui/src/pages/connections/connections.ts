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

/** A question about deliveries. As long as it isn't known whose or on which channel, that is empty. */
export interface Question {
  readonly who: Who;
  readonly name: string;
  readonly channel: string;
  /** Empty: the newest publications. */
  readonly offset: string;
}

/** The question in an address, as far as it is one. */
export function questionIn(params: URLSearchParams): Question {
  const who = WHO.find((one) => params.get(one)) ?? WHO[0];
  const offset = params.get("offset") ?? "";
  return { who, name: params.get(who) ?? "", channel: params.get("channel") ?? "", offset: /^[1-9]\d*$/.test(offset) ? offset : "" };
}

/** The address of a question. */
export const asAddress = ({ who, name, channel, offset }: Question) => ({ [who]: name, channel, ...(offset && { offset }) });

/** Where to ask what a session got: at once where it is on one channel; of several, one has to be chosen. */
export function askingOf({ session, channels }: Pick<Connection, "session" | "channels">): string {
  const channel = channels.length === 1 ? (channels[0] ?? "") : "";
  return `/connections?${new URLSearchParams({ tab: "deliveries", ...asAddress({ who: "session", name: session, channel, offset: "" }) })}`;
}

/** The page that is there: connections go, and the last page with them. */
export const pageWithin = (page: number, total: number): number => Math.max(1, Math.min(page, Math.ceil(total / PAGE)));

/** What a session that is spoken of had to do with the channel. */
export const sessionOf = (sessions: readonly DeliverySession[], name: string): DeliverySession | undefined =>
  sessions.find(({ session }) => session === name);

/** What is known of each session: first of those that the verdict follows from, then the newest. */
export const decisiveFirst = ({ verdict, evidence }: Pick<Delivery, "verdict" | "evidence">): Delivery["evidence"] =>
  [...evidence].sort((one, other) => Number(other.verdict === verdict) - Number(one.verdict === verdict));
