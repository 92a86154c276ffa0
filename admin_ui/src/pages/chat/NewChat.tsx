import { LeftOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { Failed } from "../../components/Nothing";
import { useMyAction, useMyList } from "../../hub/member";
import { label } from "../../hub/session";
import styles from "./Chat.module.css";
import { Composer } from "./Composer";
import { Face } from "../../components/Face";
import { Starters } from "./Starters";
import type { Asked } from "./useSending";

/** A conversation that isn't begun: it is made with its first message. */
export function NewChat({ focused = false }: { readonly focused?: boolean }) {
  const { t } = useTranslation("chat");
  const navigate = useNavigate();
  const answer = useMyList("/my/agents/");
  const agents = answer.data ?? [];
  const { state } = useLocation();
  const [target, setTarget] = useState((state as { readonly agent?: string } | null)?.agent);
  const begin = useMyAction((api) => api.post("/my/chat/sessions/", { body: {} }), { stale: ["/my/chat/sessions/"] });
  const send = async (asked: Asked) => {
    const { id } = await begin.mutateAsync(undefined);
    void navigate(`/chat/${id}`, { state: { first: { ...asked, key: label() + label() } } });
  };
  return (
    <div className={styles["fresh"]}>
      <Link to="/chat" className={styles["back"]}><Button type="text" icon={<LeftOutlined />} tabIndex={-1}>{t("sessions.title")}</Button></Link>
      <div className={styles["welcome"]}>
        {answer.error && !answer.data && <Failed error={answer.error} retry={answer.refetch} />}
        {answer.data && !agents.length && <Starters />}
        {agents.length > 0 && (
          <>
            <h2>{t("fresh.title")}</h2>
            <p className="soft">{t("fresh.about")}</p>
            <div className={styles["agents"]} role="radiogroup" aria-label={t("composer.agent")}>
              {agents.slice(0, 12).map(({ id, name, config }) => (
                <button key={id} type="button" role="radio" aria-checked={(target ?? agents[0]?.id) === id} className={styles["agent"]} onClick={() => setTarget(id)}>
                  <Face name={name} size={32} />
                  <span><strong>{name}</strong><span>{config.description}</span></span>
                </button>
              ))}
            </div>
          </>
        )}
      </div>
      {agents.length > 0 && <Composer session="new" agents={agents} target={target ?? agents[0]?.id} choose={setTarget} active={false} focused={focused} busy={begin.isPending} send={send} />}
    </div>
  );
}
