import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { useMyAction } from "../../hub/member";
import { AgentForm } from "./AgentForm";
import { changesIn, NEW, type Entered } from "./form";

/** An agent that isn't there yet. */
export function NewAgent() {
  const { t } = useTranslation("agents");
  const navigate = useNavigate();
  const make = useMyAction((api, { name, config }: Entered) => api.post("/my/agents/", { body: { name, config: changesIn(NEW.config, config) } }), { stale: ["/my/agents/"], done: ({ name }) => t("form.made", { name }), quiet: true });
  return (
    <Page title={t("form.new")} about={<Link to="/agents">{t("title")}</Link>}>
      <Panel>
        <AgentForm action={t("form.make")} waits={make.isPending} error={make.error} submit={(entered) => make.mutate(entered, { onSuccess: ({ id }) => void navigate(`/agents/${id}`, { replace: true }) })} />
      </Panel>
    </Page>
  );
}
