import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../../components/Badge";
import { Sparkline } from "../../../components/Sparkline";
import { When } from "../../../components/When";
import { count, measure, MISSING, seconds } from "../../../format";
import { useAnswer } from "../../../hub/api";
import type { Options } from "../access";
import { paceNow, type Pace } from "./rates";
import type { ChannelState } from "./rows";
import styles from "./cells.module.css";

/** Publications a second, and how that went. */
export function Rate({ pace }: { readonly pace: Pace | undefined }) {
  const { t } = useTranslation("channels");
  const now = paceNow(pace);
  return (
    <span className={styles["rate"]}>
      <span className={styles["number"]}>{now === null ? MISSING : t("list.perSecond", { rate: measure(now) })}</span>
      <span className={styles["line"]}>{pace && pace.line.length > 1 && <Sparkline values={pace.line} />}</span>
    </span>
  );
}

/** When something was published last: the time of the publication at the newest offset, which is read once. */
export function Newest({ state }: { readonly state: ChannelState | undefined }) {
  const { t } = useTranslation("channels");
  const { channel = "", epoch, offset } = state ?? {};
  const since = `${epoch}:${(offset ?? 1) - 1}`;
  const { data, error } = useAnswer("/api/channels/{channel}/history", { params: { channel }, query: { since, limit: 1 } }, { enabled: !!offset });
  if (!offset) return <span className={styles["words"]}>{state && offset === 0 ? t("list.nothingYet") : MISSING}</span>;
  if (error || !data) return <>{MISSING}</>;
  const [newest] = data.publications;
  if (newest) return <When at={newest.timestamp} />;
  return <span className={styles["words"]}>{t("list.longAgo")}</span>;
}

/** What history keeps. */
export function Kept({ options }: { readonly options: Options }) {
  const { t } = useTranslation("channels");
  if (!options.history_size) return <span className="soft">{t("list.noHistory")}</span>;
  return <span className={styles["kept"]}>{t("list.kept", { size: count(options.history_size), age: seconds(options.history_age) })}</span>;
}

/** Who may read, and who may publish. */
export function Access({ options }: { readonly options: Options }) {
  const { t } = useTranslation("channels");
  const all = (["subscribe", "publish", "history", "presence"] as const).map((operation) => `${t(`operation.${operation}`)}: ${t(`rule.${options[operation] as "everyone"}`)}`);
  return (
    <Tooltip title={<span className={styles["all"]}>{all.join("\n")}</span>}>
      <span className={styles["access"]} tabIndex={0}>
        {t(`rule.${options.subscribe as "everyone"}`)} <span className="soft">/</span> {t(`rule.${options.publish as "everyone"}`)}
      </span>
    </Tooltip>
  );
}

/** What is special about a channel. */
export function Traits({ options }: { readonly options: Options }) {
  const { t } = useTranslation("channels");
  return (
    <span className={styles["traits"]}>
      {options.conflate && <Tooltip title={t("trait.conflatedAbout", { by: options.conflate })}><span><Badge tone="info">{t("trait.conflated")}</Badge></span></Tooltip>}
      {options.has_schema && <Badge tone="info">{t("trait.schema")}</Badge>}
      {options.max_rate > 0 && <Badge>{t("trait.maxRate", { rate: measure(options.max_rate) })}</Badge>}
      {options.history_size > 0 && !options.recover && <Badge tone="warn">{t("trait.noRecovery")}</Badge>}
    </span>
  );
}
