import { Validator, type OutputUnit, type Schema as JsonSchema } from "@cfworker/json-schema";

/** A JSON Schema, 2020-12. */
export type DataSchema = Readonly<Record<string, unknown>>;

/** A part of the data that a schema doesn't take. */
export interface Complaint {
  /** JSON pointer to the part; empty for the data as a whole. */
  readonly pointer: string;
  /** Why: a word that there is a text for, with what stands in it; `told` is in the validator's words. */
  readonly reason: { readonly word: "required" | "type" | "unknown"; readonly what: string } | { readonly word: "told"; readonly what: string };
}

/** Complaints that are told at most. */
const MOST = 20;

/** Keywords that only pass on what their parts say. */
const AROUND = new Set([
  "$ref", "$recursiveRef", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "items",
  "prefixItems", "additionalItems", "unevaluatedItems", "allOf", "anyOf", "oneOf", "if", "propertyNames", "dependentSchemas",
]);

/** Checks data against a schema by walking through both: a page with a strict policy of content can't compile schemas. */
export class Check {
  readonly #validator: Validator;

  constructor(schema: DataSchema) {
    // The validator leaves marks in the schema, which may be somebody else's.
    this.#validator = new Validator(structuredClone(schema) as JsonSchema, "2020-12", false);
  }

  /** Everything that is wrong, one complaint a place. */
  of(data: unknown): readonly Complaint[] {
    const { errors } = this.#validator.validate(data);
    const complaints = new Map<string, Complaint>();
    errors.filter((error, at) => !passesOn(error, errors.slice(at + 1))).forEach((error) => {
      const complaint = complaintOf(error);
      const key = `${complaint.pointer} ${complaint.reason.word} ${complaint.reason.word === "type" ? "" : complaint.reason.what}`;
      const same = complaints.get(key);
      // The branches of anyOf each expect something: one line names them all.
      complaints.set(key, same ? { ...same, reason: { ...same.reason, what: joined(same.reason.what, complaint.reason.what) } } : complaint);
    });
    return [...complaints.values()].slice(0, MOST);
  }
}

const joined = (one: string, other: string): string => [...new Set([...one.split(", "), ...other.split(", ")])].join(", ");

const passesOn = ({ keyword, keywordLocation, instanceLocation }: OutputUnit, rest: readonly OutputUnit[]): boolean =>
  AROUND.has(keyword) &&
  rest.some((inner) => inner.keywordLocation.startsWith(`${keywordLocation}/`) || (inner.keyword === "false" && inner.instanceLocation.startsWith(instanceLocation)));

function complaintOf({ keyword, instanceLocation, error }: OutputUnit): Complaint {
  const pointer = decodeURI(instanceLocation.replace(/^#/, ""));
  const names = [...error.matchAll(/"([^"]*)"/g)].map(([, name = ""]) => name);
  if (keyword === "required" && names[0] !== undefined) return { pointer, reason: { word: "required", what: names[0] } };
  if (keyword === "type" && names.length > 1) return { pointer, reason: { word: "type", what: names.slice(1).join(", ") } };
  if (keyword === "false") return { pointer, reason: { word: "unknown", what: pointer.slice(pointer.lastIndexOf("/") + 1) } };
  return { pointer, reason: { word: "told", what: error } };
}
