import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Nothing } from "../../components/Nothing";
import { useMyAction } from "../../hub/member";

/** For who has no agents yet: a team to begin with, or one of one's own. */
export function Starters() {
  const { t } = useTranslation("chat");
  const add = useMyAction((api) => api.post("/my/agents/starter"), { stale: ["/my/agents/"], done: ({ items }) => t("fresh.added", { count: items.length }) });
  const actions = (
    <>
      <Button type="primary" size="large" loading={add.isPending} onClick={() => add.mutate(undefined)}>{t("fresh.starters")}</Button>
      <Link to="/agents/new">{t("fresh.own")}</Link>
    </>
  );
  return <Nothing title={t("fresh.noAgents")} height={280} action={actions}>{t("fresh.noAgentsAbout")}</Nothing>;
}
