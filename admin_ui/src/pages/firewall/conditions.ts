import type { TFunction } from "i18next";
import type { Schema } from "../../hub/api";

/** Conditions of rules, in words and in the fields of a form. */

export type Predicate = Schema<"RulePredicate">;
export type PredicateBody = Schema<"PredicateBody">;
export type Kind = PredicateBody["kind"];

/** Types are never converted by the firewall, so the form asks for them. */
export type ValueType = "text" | "number" | "boolean" | "null";

/** A condition as the form holds it: one field for each shape that an argument may have. */
export interface Draft {
  readonly kind: Kind;
  readonly field: string;
  readonly type?: ValueType;
  readonly value?: string;
  /** One a line. */
  readonly values?: string;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly ignoreCase?: boolean;
}

/** Values that a list of choices is shown with. */
const SHOWN = 5;

const word = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Says a condition as a sentence's part, such as "params.os is version >=17,<17.2". */
export function inWords({ kind, field, argument, ignore_case: ignoreCase }: Predicate, t: TFunction<"firewall">): string {
  const words = kind === "range" ? between(field, argument, t) : t(`condition.${kind}`, { field, value: valueOf(argument, t) });
  return ignoreCase ? t("condition.ignoringCase", { condition: words }) : words;
}

function valueOf(argument: unknown, t: TFunction<"firewall">): string {
  if (!Array.isArray(argument)) return word(argument);
  const rest = argument.length - SHOWN;
  const shown = argument.slice(0, SHOWN).map(word).join(", ");
  return rest > 0 ? t("condition.andMore", { shown, count: rest }) : shown;
}

function between(field: string, argument: unknown, t: TFunction<"firewall">): string {
  const [low, high]: unknown[] = Array.isArray(argument) ? argument : [];
  if (low == null && high == null) return t("condition.isNumber", { field });
  if (low == null) return t("condition.atMost", { field, value: word(high) });
  if (high == null) return t("condition.atLeast", { field, value: word(low) });
  return t("condition.range", { field, low: word(low), high: word(high) });
}

/** Makes of a form's fields what the hub takes. Throws a text's key when a value can't be read. */
export function predicateOf(draft: Draft): PredicateBody {
  const { kind, field, ignoreCase = false } = draft;
  return { kind, field: field.trim(), argument: argumentOf(draft), ...(takesCase(draft) && ignoreCase && { ignore_case: true }) };
}

/** Whether letters may be told apart by their case here: only texts have one. */
export const takesCase = ({ kind, type = "text" }: Pick<Draft, "kind" | "type">): boolean =>
  kind === "regex" || ((kind === "equals" || kind === "one_of") && type === "text");

function argumentOf({ kind, type = "text", value = "", values = "", low = null, high = null }: Draft): unknown {
  if (kind === "equals") return scalar(value, type);
  if (kind === "one_of") return lines(values).map((line) => scalar(line, type));
  if (kind === "range") return [low, high];
  return value;
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);

function scalar(text: string, type: ValueType): string | number | boolean | null {
  if (type === "text") return text;
  if (type === "null") return null;
  if (type === "boolean") {
    if (text !== "true" && text !== "false") throw new UnreadableValue("notABoolean", text);
    return text === "true";
  }
  const number = Number(text);
  if (!text.trim() || !Number.isFinite(number)) throw new UnreadableValue("notANumber", text);
  return number;
}

/** A field that holds something else than its type says. */
export class UnreadableValue extends Error {
  constructor(
    readonly reason: "notANumber" | "notABoolean",
    readonly value: string,
  ) {
    super(reason);
  }
}
