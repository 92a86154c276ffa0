import type { Schema } from "../../hub/api";
import { type Draft, predicateOf } from "./conditions";
import { objectIn, textOf } from "./json";

/** Between a rule and the fields of its form. */

type Rule = Schema<"ErrorRule">;
type RuleBody = Schema<"RuleBody">;
type RuleChangeBody = Schema<"RuleChangeBody">;

/** Seconds of the units that a lifetime is given in. */
export const UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const;

export type Unit = keyof typeof UNITS;

export interface Pair {
  /** Field of the resource's items. */
  readonly item: string;
  /** Field of the call. */
  readonly call: string;
}

export interface RuleValues {
  readonly operation: string;
  readonly error_type: string;
  readonly title: string;
  readonly predicates: readonly Draft[];
  readonly record_ids: readonly string[];
  readonly solution: string;
  readonly params: string;
  readonly action: Rule["action"];
  readonly resource: string;
  readonly fields: readonly Pair[];
  /** Empty: as the firewall is configured. */
  readonly fail_mode: "" | "open" | "closed";
  /** `kept`: as it is now, when a rule is changed. */
  readonly lifetime: "kept" | "endless" | "limited";
  readonly amount: number | null;
  readonly unit: Unit;
  readonly reason: string;
}

/** What a form begins with. */
export const valuesOf = (rule?: Rule): RuleValues => ({
  operation: rule?.operation ?? "",
  error_type: rule?.error_type ?? "",
  title: rule?.title ?? "",
  predicates: [{ kind: "equals", field: "", type: "text", value: "" }],
  record_ids: rule?.record_ids ?? [],
  solution: rule?.solution?.text ?? "",
  params: textOf(rule?.solution?.params),
  action: rule?.action ?? "block",
  resource: rule?.requirement?.resource ?? "",
  fields: Object.entries(rule?.requirement?.fields ?? {}).map(([item, call]) => ({ item, call })),
  fail_mode: rule?.fail_mode ?? "",
  lifetime: rule ? "kept" : "endless",
  amount: null,
  unit: "days",
  reason: "",
});

function solutionOf({ solution, params }: RuleValues): RuleBody["solution"] {
  const text = solution.trim();
  return text ? { text, params: objectIn(params) ?? {} } : null;
}

function requirementOf({ resource, fields }: RuleValues): RuleBody["requirement"] {
  const name = resource.trim();
  return name ? { resource: name, fields: Object.fromEntries(fields.map(({ item, call }) => [item.trim(), call.trim()])) } : null;
}

const secondsOf = ({ lifetime, amount, unit }: RuleValues): number | null => (lifetime === "limited" && amount ? amount * UNITS[unit] : null);

/** A new rule. Throws `UnreadableValue` when a condition's value isn't of its type. */
export function newRule(values: RuleValues): RuleBody {
  const [solution, requirement, seconds] = [solutionOf(values), requirementOf(values), secondsOf(values)];
  return {
    operation: values.operation.trim(),
    error_type: values.error_type.trim(),
    title: values.title.trim(),
    predicates: values.predicates.map(predicateOf),
    action: values.action,
    ...(values.record_ids.length > 0 && { record_ids: [...values.record_ids] }),
    ...(solution && { solution }),
    ...(requirement && { requirement }),
    ...(values.fail_mode && { fail_mode: values.fail_mode }),
    ...(seconds && { seconds }),
    ...(values.reason.trim() && { reason: values.reason.trim() }),
  };
}

/** What is another one than the rule has: the hub leaves alone what isn't sent, and takes away what is null. */
export function ruleChange(rule: Rule, values: RuleValues): RuleChangeBody {
  const was = valuesOf(rule);
  const other = (...fields: readonly (keyof RuleValues)[]) => fields.some((field) => JSON.stringify(was[field]) !== JSON.stringify(values[field]));
  return {
    ...(other("solution", "params") && { solution: solutionOf(values) ?? null }),
    ...(other("action") && { action: values.action }),
    ...(other("resource", "fields") && { requirement: requirementOf(values) ?? null }),
    ...(other("fail_mode") && { fail_mode: values.fail_mode || null }),
    ...(values.lifetime !== "kept" && { seconds: secondsOf(values) }),
    ...(values.reason.trim() && { reason: values.reason.trim() }),
  };
}
