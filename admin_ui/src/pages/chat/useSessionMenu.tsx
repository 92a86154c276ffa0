import { DeleteOutlined, FormOutlined } from "@ant-design/icons";
import { App, Input, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { useMatch, useNavigate } from "react-router";
import { useMyAction } from "../../hub/member";
import type { ChatSession } from "../../hub/my";
import { keepDraft } from "./drafts";
import { useMember } from "../../hub/member";

/** What can be done with a session: rename and delete it. */
export function useSessionMenu({ id, title }: Pick<ChatSession, "id" | "title">): NonNullable<MenuProps["items"]> {
  const { t } = useTranslation(["chat", "common"]);
  const { modal } = App.useApp();
  const { subject } = useMember();
  const navigate = useNavigate();
  const shown = useMatch("/chat/:session")?.params.session === id;
  const params = { session_id: id };
  const rename = useMyAction((api, next: string) => api.patch("/my/chat/sessions/{session_id}", { params, body: { title: next } }), { stale: ["/my/chat/sessions/", "/my/chat/sessions/{session_id}"] });
  const remove = useMyAction((api) => api.delete("/my/chat/sessions/{session_id}", { params }), { stale: ["/my/chat/sessions/"], done: t("sessions.deleted") });
  const askName = () => {
    let next = title;
    const ok = async () => {
      if (next.trim() && next.trim() !== title) await rename.mutateAsync(next.trim());
    };
    const dialog = modal.confirm({
      title: t("sessions.rename"),
      icon: null,
      content: <Input autoFocus defaultValue={title} maxLength={200} aria-label={t("sessions.name")} onChange={({ target }) => (next = target.value)} onPressEnter={() => void ok().then(() => dialog.destroy())} />,
      okText: t("common:action.save"),
      onOk: ok,
    });
  };
  const askDelete = () =>
    modal.confirm({
      title: t("sessions.deleteTitle", { title: title || t("sessions.untitled") }),
      content: t("sessions.deleteAbout"),
      okText: t("common:action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        await remove.mutateAsync(undefined);
        keepDraft(subject, id, "");
        if (shown) void navigate("/chat", { replace: true });
      },
    });
  return [
    { key: "rename", icon: <FormOutlined />, label: t("sessions.rename"), onClick: askName },
    { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("common:action.delete"), onClick: askDelete },
  ];
}
