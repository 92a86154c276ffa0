import { useTranslation } from "react-i18next";
import { count } from "../../format";
import type { Schema } from "../../hub/api";
import { Facts } from "../../components/Facts";

/** Outcomes, counted by what they say. */
export function Evidence({ of }: { readonly of: Schema<"ErrorEvidence"> }) {
  const { t } = useTranslation("firewall");
  return (
    <Facts
      items={[
        [t("outcomeKind.worked"), `${count(of.worked)} · ${t("evidence.for")}`],
        [t("outcomeKind.repeated"), `${count(of.repeated)} · ${t("evidence.for")}`],
        [t("outcomeKind.did_not"), `${count(of.did_not)} · ${t("evidence.against")}`],
        [t("outcomeKind.false_block"), `${count(of.false_blocks)} · ${t("evidence.against")}`],
        [t("outcomeKind.overridden"), `${count(of.overridden)} · ${t("evidence.neither")}`],
      ]}
    />
  );
}
