import type { PresenceChange } from "tocsin-client";
import type { Schema } from "../../../hub/api";

export type Member = Schema<"Presence">;

/** Who is on a channel, after somebody came or went. Connections are told apart by their sessions. */
export function after(members: readonly Member[], { event, client, timestamp }: PresenceChange): readonly Member[] {
  const others = members.filter(({ session }) => session !== client.session);
  return event === "leave" ? others : [...others, { ...client, since: timestamp }];
}

/** Those whose client id, user or session has a text. */
export function matching(members: readonly Member[], words: string): readonly Member[] {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return members;
  return members.filter(({ client_id, user, session }) => `${client_id} ${user ?? ""} ${session}`.toLowerCase().includes(wanted));
}
