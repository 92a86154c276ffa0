import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes, useParams } from "react-router";
import { ForMembers } from "../../components/ForMembers";
import styles from "./Chat.module.css";
import { NewChat } from "./NewChat";
import { Sessions } from "./Sessions";
import { Talk } from "./Talk";

/** Conversations with one's own agents. */
export default function Chat() {
  const { t } = useTranslation("chat");
  return (
    <ForMembers title={t("title")}>
      <Routes>
        <Route index element={<Frame at="list"><NewChat /></Frame>} />
        <Route path="new" element={<Frame at="talk"><NewChat focused /></Frame>} />
        <Route path=":session" element={<One />} />
        <Route path="*" element={<Navigate to="/chat" replace />} />
      </Routes>
    </ForMembers>
  );
}

function One() {
  const { session = "" } = useParams();
  return <Frame at="talk"><Talk key={session} session={session} /></Frame>;
}

/** The list beside what was chosen; on a narrow window one of the two. */
function Frame({ at, children }: { readonly at: "list" | "talk"; readonly children: React.ReactNode }) {
  return (
    <div className={styles["chat"]} data-at={at} data-fill>
      <Sessions />
      <section className={styles["talk"]}>{children}</section>
    </div>
  );
}
