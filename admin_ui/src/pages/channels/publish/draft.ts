import type { HubError } from "tocsin-client";
import { readJson, type Fault, type Read } from "./jsonText";
import { Check, type Complaint, type DataSchema } from "./validation";

/** What somebody is about to publish, checked as far as can be without the hub. */
export interface Checked {
  readonly read: Read;
  readonly fault: Fault | undefined;
  /** The hub will refuse it: the channel's schema says so. */
  readonly refused: readonly Complaint[];
  /** The hub will take it, but who reads this type expects something else. */
  readonly unexpected: readonly Complaint[];
}

export const checkOf = (schema: DataSchema | undefined): Check | undefined => (schema ? new Check(schema) : undefined);

/** Checks a text against the channel's schema and that of the type. */
export function checked(text: string, ofChannel: Check | undefined, ofType: Check | undefined): Checked {
  const read = readJson(text);
  if (read.fault) return { read, fault: read.fault, refused: [], unexpected: [] };
  return { read, fault: undefined, refused: ofChannel?.of(read.value) ?? [], unexpected: ofType?.of(read.value) ?? [] };
}

/** Where in the data the hub found what it refused: a JSON pointer. */
export function pathIn(error: HubError): string | undefined {
  const path = error.reply?.["path"];
  if (typeof path !== "string") return undefined;
  return path === "/" ? "" : path;
}

/** A key that nobody else makes: 128 random bits. */
export const randomKey = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
