import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { JOB_TONES } from "../../components/jobs";
import type { Analysis } from "./analysis";

/** How far an analysis is, and why it ended early. */
export function State({ analysis: { state, reason } }: { readonly analysis: Analysis }) {
  const { t } = useTranslation("analysis");
  return (
    <>
      <Badge tone={JOB_TONES[state]} dot={state === "running"}>{t(`state.${state}`)}</Badge>
      {reason && <div className="soft" style={{ overflowWrap: "anywhere" }}>{reason}</div>}
    </>
  );
}
