import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { useAction } from "../../hub/api";
import type { Connection } from "./connections";

const STALE = { stale: ["/api/connections"] } as const;

/** Closes one connection, asked once. Its client may come back, and recovers what it missed. */
export function Disconnect({ connection: { session, client_id, user } }: { readonly connection: Connection }) {
  const { t } = useTranslation("connections");
  const close = useAction((api) => api.delete("/api/connections/{session}", { params: { session } }), { ...STALE, done: t("disconnect.done") });
  return (
    <Popconfirm title={t("disconnect.ask", { name: user ?? client_id })} description={t("disconnect.about")} okText={t("disconnect.ok")} onConfirm={() => close.mutateAsync(undefined).catch(() => {})}>
      <Button size="small">{t("disconnect.ok")}</Button>
    </Popconfirm>
  );
}

/** Closes all connections of a user. */
export function DisconnectUser({ user }: { readonly user: string }) {
  const { t } = useTranslation("connections");
  const close = useAction((api) => api.post("/api/disconnect", { body: { user } }), {
    ...STALE,
    done: ({ disconnected }) => t("disconnect.closed", { count: disconnected }),
  });
  return (
    <Popconfirm title={t("disconnect.askUser", { name: user })} description={t("disconnect.about")} okText={t("disconnect.ok")} onConfirm={() => close.mutateAsync(undefined).catch(() => {})}>
      <Button size="small">{t("disconnect.user")}</Button>
    </Popconfirm>
  );
}
