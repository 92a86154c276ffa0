import { Alert, Button, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../components/Badge";
import type { Tone } from "../components/Stat";
import { useTick } from "../components/When";
import { useSession, type Link } from "../hub/session";

const TONES: Readonly<Record<Link["state"], Tone>> = {
  connecting: "info",
  connected: "good",
  degraded: "warn",
  reconnecting: "warn",
  offline: "bad",
  closed: "bad",
};

/** The state of the connection, in one word. */
export function LinkState() {
  const { t } = useTranslation();
  const { link } = useSession();
  return (
    <Tooltip title={t(`link.about.${link.state}`)}>
      <span role="status" data-testid="link" data-state={link.state}>
        <Badge tone={TONES[link.state]} dot>{t(`link.${link.state}`)}</Badge>
      </span>
    </Tooltip>
  );
}

/** Says above the page that it isn't live, why, and when it will be again. What is shown stays, and heals by itself. */
export function LinkBar() {
  const { t } = useTranslation();
  const { link, refused } = useSession();
  const waiting = link.state === "reconnecting" || link.state === "offline" || (link.state === "connecting" && link.retryAt !== undefined);
  const now = useTick(waiting ? 500 : undefined);
  if (refused) return null;
  if (link.state === "degraded") return <Alert type="warning" showIcon banner style={BAR} message={t("link.bar.degraded")} description={link.reason} />;
  if (link.state === "closed") {
    const again = <Button size="small" onClick={() => location.reload()}>{t("action.reload")}</Button>;
    return <Alert type="error" showIcon style={BAR} message={t("link.bar.closed")} description={link.reason} action={again} />;
  }
  if (!waiting) return null;
  const left = Math.max(0, Math.ceil(((link.retryAt ?? now) - now) / 1000));
  const said = link.state === "offline" ? t("link.bar.offline") : t("link.bar.reconnecting", { seconds: left });
  return <Alert type="warning" showIcon style={BAR} message={said} />;
}

const BAR = { marginBottom: 16, borderRadius: 10 } as const;
