import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { HubError } from "tocsin-client";
import { count, seconds } from "../../../format";
import type { Schema } from "../../../hub/api";
import { errorText } from "../../../hub/errors";
import { positionText } from "../live/stream";

interface OutcomeProps {
  readonly placed: Schema<"Placed"> | undefined;
  readonly error: HubError | null;
}

/** What the hub said to a publication. */
export function Outcome({ placed, error }: OutcomeProps) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation();
  if (error) {
    const unknown = error.code === "disconnected" || error.code === "timeout";
    const later = error.retryAfter === undefined ? undefined : t("outcome.later", { after: seconds(error.retryAfter / 1000) });
    return <Alert type="error" showIcon message={unknown ? t("outcome.unknown") : t("outcome.refused")} description={[errorText(error, common), later].filter(Boolean).join(" ")} />;
  }
  if (!placed) return null;
  if (placed.queued) return <Alert type="warning" showIcon message={t("outcome.queued")} description={t("outcome.queuedAbout")} />;
  const position = positionText(placed);
  const where = position === undefined ? t("outcome.noPosition") : t("outcome.position", { position });
  if (placed.duplicate) return <Alert type="info" showIcon message={t("outcome.duplicate")} description={where} />;
  return <Alert type="success" showIcon message={t("outcome.published", { count: placed.subscribers, number: count(placed.subscribers) })} description={where} />;
}
