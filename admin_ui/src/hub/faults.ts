import { HubError } from "tocsin-client";

/** What the hub found wrong with what was entered, by the field that it stands in; the rest under "". */
export type Faults = Readonly<Record<string, string>>;

const FIELD = /^([A-Za-z_][\w.]*): (.+)$/s;
const MISSING = /^Missing ([\w.]+) parameter$/;

/** Tells a refusal apart by fields. `known`: those that the form has, as the hub names them. */
export function faultsOf(error: unknown, known: readonly string[]): Faults {
  if (!(error instanceof HubError) || error.code !== "invalid_data") return {};
  const faults: Record<string, string> = {};
  for (const part of error.message.split("; ")) {
    const [, path = "", said = part] = FIELD.exec(part) ?? [];
    const missing = MISSING.exec(part)?.[1];
    const field = known.find((name) => name === missing || name === path || path.startsWith(`${name}.`)) ?? "";
    faults[field] = [faults[field], field ? said : part].filter(Boolean).join("; ");
  }
  return faults;
}
