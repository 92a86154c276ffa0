import { Button, Grid } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { CopyButton } from "../../components/CopyButton";
import { milliseconds, seconds } from "../../format";
import { askingOf, type Connection } from "./connections";
import styles from "./Connections.module.css";
import { useDisconnect, useDisconnectUser } from "./disconnecting";

/** All that is known of one connection, and what can be done with it. */
export function Details({ connection }: { readonly connection: Connection }) {
  const { t } = useTranslation("connections");
  const [disconnect, disconnectUser] = [useDisconnect(), useDisconnectUser()];
  const { md: wide } = Grid.useBreakpoint(); // where the row itself has the button
  const { session, client_id, user, address, node, transport, channels, opened, latency_ms, user_agent } = connection;
  const facts = [
    [t("column.session"), session],
    [t("column.client"), client_id],
    [t("column.address"), address],
    [t("column.node"), node],
    [t("column.transport"), t(`transport.${transport}`)],
    [t("column.opened"), seconds(opened)],
    [t("column.latency"), milliseconds(latency_ms)],
    [t("column.userAgent"), user_agent],
  ] as const;
  return (
    <div className={styles["details"]}>
      <dl>
        {facts.map(([label, value]) => value && (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value} {value === session && <CopyButton text={session} />}</dd>
          </div>
        ))}
      </dl>
      <p>
        {channels.length ? t("details.channels") : t("details.noChannels")}{" "}
        {channels.map((channel) => (
          <Link key={channel} className={styles["channel"]} to={`/channels/${encodeURIComponent(channel)}`}>{channel}</Link>
        ))}
      </p>
      <p className={styles["acts"]}>
        <Link to={askingOf(connection)}>{t("details.deliveries")}</Link>
        {!wide && <Button size="small" onClick={() => disconnect(connection)}>{t("disconnect.ok")}</Button>}
        {user && <Button size="small" onClick={() => disconnectUser(user)}>{t("disconnect.user")}</Button>}
      </p>
    </div>
  );
}
