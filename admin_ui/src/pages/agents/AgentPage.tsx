import { DeleteOutlined, MessageOutlined } from "@ant-design/icons";
import { Button, Input, Modal, Tabs } from "antd";
import { useMemo, useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { Badge } from "../../components/Badge";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Refused } from "../../components/Refused";
import { useAddress } from "../../components/useAddress";
import { When } from "../../components/When";
import { useMine, useMyAction } from "../../hub/member";
import type { Agent } from "../../hub/my";
import { AgentForm } from "./AgentForm";
import styles from "./Agents.module.css";
import { changesIn, enteredOf, type Entered } from "./form";
import { Memories } from "./Memories";

/** One agent: how it answers, and what it remembers. */
export function AgentPage() {
  const { t } = useTranslation("agents");
  const { agent = "" } = useParams();
  const answer = useMine("/my/agents/{agent_id}", { params: { agent_id: agent } });
  const gone = <Nothing title={t("gone.title")} height={320} action={<Link to="/agents">{t("title")}</Link>}>{t("gone.about")}</Nothing>;
  return <Loaded answer={answer} rows={10} off={gone}>{(found) => <One key={found.id} agent={found} />}</Loaded>;
}

function One({ agent }: { readonly agent: Agent }) {
  const { t } = useTranslation("agents");
  const [tab, choose] = useAddress("tab", "settings");
  const [deletes, setDeletes] = useState(false);
  const navigate = useNavigate();
  const items = [
    { key: "settings", label: t("tab.settings"), children: <Settings agent={agent} /> },
    { key: "memory", label: t("tab.memory"), children: <Memories agent={agent} /> },
  ];
  const actions = (
    <>
      <Button icon={<MessageOutlined />} onClick={() => navigate("/chat/new", { state: { agent: agent.id } })}>{t("list.chat")}</Button>
      <Button danger icon={<DeleteOutlined />} onClick={() => setDeletes(true)}>{t("delete.action")}</Button>
    </>
  );
  return (
    <Page title={agent.name} about={<><Link to="/agents">{t("title")}</Link> · <Badge tone={agent.status === "ready" ? "good" : agent.status === "busy" ? "info" : "bad"} dot>{t(`status.${agent.status}`)}</Badge></>} actions={actions}>
      <Tabs activeKey={tab} onChange={choose} items={items} destroyOnHidden />
      {deletes && <DeleteAgent agent={agent} close={() => setDeletes(false)} />}
    </Page>
  );
}

function Settings({ agent }: { readonly agent: Agent }) {
  const { t } = useTranslation("agents");
  const { name, version } = agent;
  const initial = useMemo(() => enteredOf(agent), [agent]);
  const save = useMyAction(
    (api, entered: Entered) => api.patch("/my/agents/{agent_id}", { params: { agent_id: agent.id }, body: { ...(entered.name !== name && { name: entered.name }), config: changesIn(initial.config, entered.config), version } }),
    { stale: ["/my/agents/", "/my/agents/{agent_id}"], done: t("form.saved"), quiet: true },
  );
  return (
    <Panel note={<>{t("form.changed")} <When at={agent.updated_at} /></>} title={t("tab.settings")}>
      <AgentForm key={version} initial={initial} action={t("form.save")} waits={save.isPending} error={save.error} submit={save.mutate} />
    </Panel>
  );
}

/** Deletes an agent with all that it remembers: its name has to be typed. */
function DeleteAgent({ agent: { id, name }, close }: { readonly agent: Agent; readonly close: () => void }) {
  const { t } = useTranslation("agents");
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const remove = useMyAction((api) => api.delete("/my/agents/{agent_id}", { params: { agent_id: id } }), { stale: ["/my/agents/"], done: t("delete.done", { name }), quiet: true });
  const go = () => remove.mutate(undefined, { onSuccess: () => void navigate("/agents", { replace: true }) });
  return (
    <Modal open title={t("delete.title", { name })} onCancel={close} okText={t("delete.action")} okButtonProps={{ danger: true, disabled: typed !== name, loading: remove.isPending }} onOk={go}>
      <p className={styles["sentence"]}><Trans t={t} i18nKey="delete.about" values={{ name }} components={{ code: <code /> }} /></p>
      <Input autoFocus value={typed} onChange={({ target }) => setTyped(target.value)} onPressEnter={() => typed === name && go()} aria-label={t("delete.type")} autoComplete="off" spellCheck={false} />
      <Refused error={remove.error} />
    </Modal>
  );
}
