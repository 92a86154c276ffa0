import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import type { Tone } from "../../components/Stat";
import type { Schema } from "../../hub/api";

/** States and decisions as words with a colour. */

export type Status = Schema<"ErrorRecord">["status"];
export type Decision = Schema<"FirewallVerdict">["decision"];

export const STATUSES = ["observed", "suggested", "confirmed", "retired"] as const satisfies readonly Status[];

const STATUS_TONES: Readonly<Record<Status, Tone>> = { observed: "plain", suggested: "info", confirmed: "good", retired: "plain" };
const DECISION_TONES: Readonly<Record<Decision, Tone>> = { allow: "good", warn: "warn", block: "bad" };

export function StatusBadge({ status }: { readonly status: Status }) {
  const { t } = useTranslation("firewall");
  return <Badge tone={STATUS_TONES[status]} dot={status !== "retired"}>{t(`status.${status}`)}</Badge>;
}

export function DecisionBadge({ decision }: { readonly decision: Decision }) {
  const { t } = useTranslation("firewall");
  return <Badge tone={DECISION_TONES[decision]} dot>{t(`decision.${decision}`)}</Badge>;
}
