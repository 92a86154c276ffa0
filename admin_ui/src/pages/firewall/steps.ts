import type { HubApi, Schema } from "../../hub/api";
import { objectIn, textOf } from "./json";

/** The steps of a record's or rule's life, and how the hub is asked for them. */

export type Entry = Schema<"ErrorRecord"> | Schema<"ErrorRule">;
export type Step = "suggest" | "solution" | "confirm" | "retire";

export interface Values {
  readonly reason?: string;
  readonly solution?: string;
  readonly params?: string;
  readonly force?: boolean;
}

/** What is left empty isn't sent: what was known stays. */
export function bodyOf(entry: Entry, { reason, solution = "", params = "", force = false }: Values) {
  const text = solution.trim();
  const changed = text !== (entry.solution?.text ?? "") || params.trim() !== textOf(entry.solution?.params);
  return {
    ...(reason?.trim() && { reason: reason.trim() }),
    ...(text && changed && { solution: { text, params: objectIn(params) ?? {} } }),
    ...(force && { force }),
  };
}

const isRule = (entry: Entry): entry is Schema<"ErrorRule"> => "predicates" in entry;

/** Asks for a step; the answer is the entry as it is then. */
export function send(api: HubApi, entry: Entry, step: Step, values: Values): Promise<Entry> {
  const body = bodyOf(entry, values);
  if (isRule(entry)) {
    const params = { rule: entry.id };
    if (step === "confirm") return api.post("/api/firewall/rules/{rule}/confirm", { params, body });
    if (step === "retire") return api.post("/api/firewall/rules/{rule}/retire", { params, body });
    return api.put("/api/firewall/rules/{rule}", { params, body });
  }
  const params = { record: entry.id };
  if (step === "confirm") return api.post("/api/firewall/records/{record}/confirm", { params, body });
  if (step === "retire") return api.post("/api/firewall/records/{record}/retire", { params, body });
  if (step === "suggest") return api.post("/api/firewall/records/{record}/suggest", { params, body });
  const text = values.solution?.trim() ?? "";
  const reason = values.reason?.trim();
  return api.post("/api/firewall/records/{record}/solution", { params, body: { text, params: objectIn(values.params ?? "") ?? {}, ...(reason && { reason }) } });
}
