import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { LiveList } from "../../components/LiveList";
import { amount, fieldsOf, text, word } from "../../hub/fields";
import { useFeed } from "../../hub/live";
import { placeOf, SEVERITIES, SEVERITY_TONES } from "./analysis";

const TYPES = ["analysis_finding"] as const;

/** What is found at this moment, by whomever it was asked for. */
export function Stream() {
  const { t } = useTranslation("analysis");
  const feed = useFeed("ai_analysis", { limit: 300, types: TYPES });
  return (
    <LiveList
      title={t("stream.title")}
      note={t("stream.about")}
      feed={feed}
      empty={t("stream.none")}
      line={(publication) => {
        const { rule, severity, message, repository, file, line, column, is_new } = fieldsOf<"analysis_finding">(publication);
        const how = word(severity, SEVERITIES);
        const place = placeOf({ path: text(file) ?? "", line: amount(line) ?? 0, column: amount(column) ?? 0 });
        return {
          mark: <Badge tone={how ? SEVERITY_TONES[how] : "plain"}>{text(rule)}</Badge>,
          text: <>{text(message)} <code className="soft">{text(repository)} {place}</code></>,
          state: is_new === true && <Badge tone="bad">{t("stream.new")}</Badge>,
        };
      }}
    />
  );
}
