import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { count } from "../../format";
import { SEVERITIES, SEVERITY_TONES } from "./analysis";

/** How many findings there are of each severity. */
export function Severities({ counts }: { readonly counts: Readonly<Record<string, number>> | undefined }) {
  const { t } = useTranslation("analysis");
  if (!counts) return null;
  const there = SEVERITIES.filter((severity) => counts[severity]);
  if (!there.length) return <Badge tone="good">{t("severity.none")}</Badge>;
  return (
    <span style={{ display: "inline-flex", flexWrap: "wrap", gap: 6 }}>
      {there.map((severity) => (
        <Badge key={severity} tone={SEVERITY_TONES[severity]}>{t(`severity.${severity}`)} {count(counts[severity])}</Badge>
      ))}
    </span>
  );
}
