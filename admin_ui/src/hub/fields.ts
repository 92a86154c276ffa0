import type { Publication } from "tocsin-client";
import type { Messages } from "./messages";

/**
 * The data of a message as anybody may have published it: fields have the names of the schema, and any value or none.
 * A channel takes a message of any shape from code that doesn't use the typed messages, and no page may break of it.
 */
export type Loose<Type extends keyof Messages> = { readonly [Field in keyof Messages[Type]]?: unknown };

/** What a publication of a type says. Ask for each field by the functions below. */
export const fieldsOf = <Type extends keyof Messages>({ data }: Publication): Loose<Type> =>
  typeof data === "object" && data !== null ? (data as Loose<Type>) : {};

/** A number; `null` when it isn't one. */
export const amount = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** A text that isn't empty; `null` when it isn't one. */
export const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** The numbers of a list; none when it isn't one. */
export const amounts = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map(amount).filter((item) => item !== null) : [];

/** The texts of a list; none when it isn't one. */
export const lines = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text).filter((item) => item !== null) : []);

/** One of some words; `null` when it is none of them. */
export const word = <Word extends string>(value: unknown, words: readonly Word[]): Word | null =>
  words.find((known) => known === value) ?? null;
