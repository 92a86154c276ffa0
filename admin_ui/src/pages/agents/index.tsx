import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { ForMembers } from "../../components/ForMembers";
import { AgentPage } from "./AgentPage";
import { AgentsList } from "./AgentsList";
import { NewAgent } from "./NewAgent";

/** One's own agents: how they answer, and what they remember. */
export default function Agents() {
  const { t } = useTranslation("agents");
  return (
    <ForMembers title={t("title")}>
      <Routes>
        <Route index element={<AgentsList />} />
        <Route path="new" element={<NewAgent />} />
        <Route path=":agent" element={<AgentPage />} />
      </Routes>
    </ForMembers>
  );
}
