import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Panel } from "../../components/Panel";
import { SwitchOn } from "../../components/Nothing";
import type { Schema } from "../../hub/api";
import styles from "./Firewall.module.css";

const CONFIG = `error_firewall:
  enabled: true`;

/** Says what is out of the ordinary: checks that can't be made as they should, and a dry run. */
export function Standing({ stats }: { readonly stats: Schema<"FirewallStatistics"> | undefined }) {
  const { t } = useTranslation("firewall");
  if (!stats?.degraded && !stats?.dry_run) return null;
  return (
    <div className={styles["notices"]}>
      {stats.degraded && (
        <Alert type="warning" showIcon message={t("degraded.title")} description={<>{stats.problem} <span className="soft">{t(`degraded.${stats.fail_mode}`)}</span></>} />
      )}
      {stats.dry_run && <Alert type="info" showIcon message={t("dryRun.title")} description={t("dryRun.about")} />}
    </div>
  );
}

/** In place of what only a hub with a firewall has. */
export function Off() {
  const { t } = useTranslation("firewall");
  return (
    <Panel>
      <SwitchOn title={t("off.title")} snippet={CONFIG}>{t("off.about")}</SwitchOn>
    </Panel>
  );
}
