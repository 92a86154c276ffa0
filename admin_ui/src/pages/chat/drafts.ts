import { keep, kept } from "../../storage";

/** What is written and not sent yet, by session and user: it outlasts a reload, on this machine alone. */

const key = (subject: string | undefined, session: string): string => `tocsin.draft.${subject ?? ""}.${session}`;

export const draftOf = (subject: string | undefined, session: string): string => kept(key(subject, session)) ?? "";

export const keepDraft = (subject: string | undefined, session: string, text: string): void => keep(key(subject, session), text || null);
