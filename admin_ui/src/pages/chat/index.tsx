import { useTranslation } from "react-i18next";
import { Navigate, Outlet, Route, Routes, useMatch, useParams } from "react-router";
import { ForMembers } from "../../components/ForMembers";
import { useMyList } from "../../hub/member";
import styles from "./Chat.module.css";
import { NewChat } from "./NewChat";
import { Sessions } from "./Sessions";
import { Talk } from "./Talk";
import { EVERY, Unread, useArrivals, useTitle } from "./useArrivals";

/** Conversations with one's own agents. */
export default function Chat() {
  const { t } = useTranslation("chat");
  return (
    <ForMembers title={t("title")}>
      <Routes>
        <Route element={<Frame />}>
          <Route index element={<NewChat />} />
          <Route path="new" element={<NewChat focused />} />
          <Route path=":session" element={<One />} />
          <Route path="*" element={<Navigate to="/chat" replace />} />
        </Route>
      </Routes>
    </ForMembers>
  );
}

function One() {
  const { session = "" } = useParams();
  return <Talk key={session} session={session} />;
}

/** The list beside what was chosen; on a narrow window one of the two. Answers that come elsewhere are told of. */
function Frame() {
  const { t } = useTranslation("chat");
  const at = useMatch("/chat") ? "list" : "talk";
  const shown = useMatch("/chat/:session")?.params.session;
  const sessions = useMyList("/my/chat/sessions/", {}, { every: EVERY }).data;
  const titleOf = (id: string | undefined) => sessions?.find((session) => session.id === id)?.title;
  const unread = useArrivals(shown);
  const latest = [...unread].at(-1);
  useTitle(`${unread.size ? `(${unread.size}) ` : ""}${titleOf(shown) || t("title")}`);
  return (
    <Unread value={unread}>
      <div className={styles["chat"]} data-at={at} data-fill>
        <h1 className="visually-hidden">{t("title")}</h1>
        <Sessions />
        <section className={styles["talk"]}><Outlet /></section>
        <p role="status" className="visually-hidden">{latest && t("sessions.arrived", { title: titleOf(latest) || t("sessions.untitled") })}</p>
      </div>
    </Unread>
  );
}
