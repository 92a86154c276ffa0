import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";

interface FlagsProps {
  readonly degraded?: boolean | undefined;
  readonly wouldBlock?: boolean | undefined;
  readonly overridden?: boolean | undefined;
}

/** What is out of the ordinary about a verdict. */
export function Flags({ degraded, wouldBlock, overridden }: FlagsProps) {
  const { t } = useTranslation("firewall");
  return (
    <>
      {wouldBlock && <Badge tone="bad">{t("flag.wouldBlock")}</Badge>}
      {degraded && <Badge tone="warn">{t("flag.degraded")}</Badge>}
      {overridden && <Badge tone="info">{t("flag.overridden")}</Badge>}
    </>
  );
}
