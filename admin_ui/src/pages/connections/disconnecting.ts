import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useAction } from "../../hub/api";
import type { Connection } from "./connections";

const STALE = { stale: ["/api/connections"] } as const;

/** Closes one connection, asked once: one question for a whole list. Its client may come back, and recovers what it missed. */
export function useDisconnect(): (connection: Connection) => void {
  const { t } = useTranslation("connections");
  const ask = useQuestion();
  const close = useAction((api, session: string) => api.delete("/api/connections/{session}", { params: { session } }), { ...STALE, done: t("disconnect.done") });
  return ({ session, client_id, user }) => ask(t("disconnect.ask", { name: user ?? client_id }), () => close.mutateAsync(session));
}

/** Closes all connections of a user. */
export function useDisconnectUser(): (user: string) => void {
  const { t } = useTranslation("connections");
  const ask = useQuestion();
  const close = useAction((api, user: string) => api.post("/api/disconnect", { body: { user } }), {
    ...STALE,
    done: ({ disconnected }) => t("disconnect.closed", { count: disconnected }),
  });
  return (user) => ask(t("disconnect.askUser", { name: user }), () => close.mutateAsync(user));
}

function useQuestion(): (title: string, act: () => Promise<unknown>) => void {
  const { t } = useTranslation("connections");
  const { modal } = App.useApp();
  return (title, act) =>
    void modal.confirm({ title, content: t("disconnect.about"), okText: t("disconnect.ok"), onOk: () => act().catch(() => {}) });
}
