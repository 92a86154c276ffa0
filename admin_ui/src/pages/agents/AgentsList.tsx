import { MessageOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { Badge } from "../../components/Badge";
import { Face } from "../../components/Face";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { useMine, useMyAction, useMyList } from "../../hub/member";
import type { Agent } from "../../hub/my";
import styles from "./Agents.module.css";

const EVERY = 15_000;

/** All agents. */
export function AgentsList() {
  const { t } = useTranslation("agents");
  const navigate = useNavigate();
  const answer = useMyList("/my/agents/", {}, { every: EVERY });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = answer;
  const starters = useMyAction((api) => api.post("/my/agents/starter"), { stale: ["/my/agents/"], done: ({ items }) => t("list.added", { count: items.length }) });
  const add = (
    <>
      <Button loading={starters.isPending} onClick={() => starters.mutate(undefined)}>{t("list.starters")}</Button>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate("/agents/new")}>{t("list.new")}</Button>
    </>
  );
  return (
    <Page title={t("title")} about={t("about")} actions={answer.data?.length ? add : undefined}>
      <Loaded answer={answer} rows={6}>
        {(agents) =>
          agents.length ? (
            <>
              <ul className={styles["cards"]}>{agents.map((agent) => <Card key={agent.id} agent={agent} />)}</ul>
              {hasNextPage && <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("list.more")}</Button>}
            </>
          ) : (
            <Panel><Nothing title={t("list.none")} height={260} action={<div className={styles["row"]}>{add}</div>}>{t("list.noneAbout")}</Nothing></Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Card({ agent: { id, name, config, status } }: { readonly agent: Agent }) {
  const { t } = useTranslation("agents");
  const usual = useMine("/my/models").data?.default;
  return (
    <li className={styles["card"]}>
      <Link to={`/agents/${id}`} className={styles["cardMain"]}>
        <Face name={name} size={38} />
        <span className={styles["cardText"]}>
          <strong>{name}</strong>
          <span className={styles["about"]}>{config.description || t("list.noDescription")}</span>
        </span>
      </Link>
      <footer>
        {status !== "ready" && <Badge tone={status === "busy" ? "info" : "bad"} dot>{t(`status.${status}`)}</Badge>}
        <Badge>{config.model || usual || t("field.usual")}</Badge>
        {!config.memory && <Badge>{t("list.forgets")}</Badge>}
        <span className={styles["space"]} />
        <Link to={`/agents/${id}?tab=memory`}>{t("tab.memory")}</Link>
        <Link to="/chat/new" state={{ agent: id }} aria-label={t("list.ask", { name })}><MessageOutlined aria-hidden /> {t("list.chat")}</Link>
      </footer>
    </li>
  );
}
