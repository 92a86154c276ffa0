import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { LiveList } from "../../components/LiveList";
import { count } from "../../format";
import { fieldsOf, text, word } from "../../hub/fields";
import { useFeed } from "../../hub/live";
import { ENDINGS, STATE_TONES } from "./training";

const TYPES = ["stage_update"] as const;

/** What trainings say, as anybody on the channel hears it. */
export function Updates() {
  const { t } = useTranslation("training");
  const feed = useFeed("training", { limit: 300, types: TYPES });
  return (
    <LiveList
      title={t("updates.title")}
      note={feed.received > 0 && t("updates.count", { count: feed.received, number: count(feed.received) })}
      feed={feed}
      empty={t("updates.none")}
      line={(publication) => {
        const { stage, log, status } = fieldsOf<"stage_update">(publication);
        const ending = word(status, ENDINGS);
        return {
          mark: <code>{text(stage)}</code>,
          text: text(log),
          state: ending && <Badge tone={STATE_TONES[ending]}>{t(`state.${ending}`)}</Badge>,
        };
      }}
    />
  );
}
