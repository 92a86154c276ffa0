import type { DataSchema } from "./validation";

/** Levels that an example goes down: schemas may hold themselves. */
const DEEPEST = 8;

/** Data that a schema takes, as little as possible: the beginning of a message. `now` is what times in it say. */
export const exampleOf = (schema: DataSchema, now: Date): unknown => exampled(schema, { root: schema, now, name: "text" }, 0);

interface Making {
  readonly root: DataSchema;
  readonly now: Date;
  /** Of the field that is made. */
  readonly name: string;
}

function exampled(schema: unknown, making: Making, depth: number): unknown {
  if (typeof schema !== "object" || schema === null || depth > DEEPEST) return null;
  const given = schema as DataSchema;
  if (typeof given["$ref"] === "string") return exampled(found(making.root, given["$ref"]), making, depth + 1);
  if ("const" in given) return given["const"];
  if (Array.isArray(given["enum"])) return given["enum"][0];
  if (Array.isArray(given["examples"]) && given["examples"].length) return given["examples"][0];
  if (given["default"] !== undefined) return given["default"];
  const branches = given["anyOf"] ?? given["oneOf"] ?? given["allOf"];
  if (Array.isArray(branches)) return exampled(branches[0], making, depth + 1);
  return byType(given, making, depth);
}

function byType(schema: DataSchema, making: Making, depth: number): unknown {
  const type = Array.isArray(schema["type"]) ? (schema["type"] as unknown[])[0] : schema["type"];
  if (type === "string") return stringOf(schema, making);
  if (type === "integer" || type === "number") return numberOf(schema);
  if (type === "boolean") return false;
  if (type === "null") return null;
  if (type === "array") return Array.from({ length: amount(schema["minItems"]) }, () => exampled(schema["items"], making, depth + 1));
  return objectOf(schema, making, depth);
}

function objectOf(schema: DataSchema, making: Making, depth: number): unknown {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, unknown>>;
  const required = Array.isArray(schema["required"]) ? (schema["required"] as string[]) : [];
  return Object.fromEntries(required.map((name) => [name, exampled(properties[name] ?? {}, { ...making, name }, depth + 1)]));
}

function stringOf(schema: DataSchema, { now, name }: Making): string {
  if (schema["format"] === "date-time") return now.toISOString();
  if (schema["format"] === "date") return now.toISOString().slice(0, 10);
  if (String(schema["pattern"] ?? "").startsWith("^https?:")) return "https://example.org/";
  return name.padEnd(amount(schema["minLength"]), "-").slice(0, amount(schema["maxLength"]) || undefined);
}

function numberOf(schema: DataSchema): number {
  const { minimum, exclusiveMinimum, maximum } = schema as Readonly<Record<string, number | undefined>>;
  if (minimum !== undefined) return minimum;
  if (exclusiveMinimum !== undefined) return exclusiveMinimum + 1;
  return maximum !== undefined && maximum < 0 ? maximum : 0;
}

const amount = (value: unknown): number => (typeof value === "number" ? value : 0);

function found(root: DataSchema, ref: string): unknown {
  const parts = ref.replace(/^#\/?/, "").split("/").map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.reduce<unknown>((at, part) => (typeof at === "object" && at !== null ? (at as DataSchema)[part] : undefined), root);
}
