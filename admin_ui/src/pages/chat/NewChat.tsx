import { LeftOutlined } from "@ant-design/icons";
import { useState, type KeyboardEvent } from "react";
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

/** Agents that are shown at once; the others are chosen below the message. */
const OFFERED = 12;

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

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
  const offered = agents.slice(0, OFFERED);
  const chosen = target ?? agents[0]?.id;
  const moved = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const next = offered[(offered.findIndex(({ id }) => id === chosen) + step + offered.length) % offered.length];
    if (!next) return;
    setTarget(next.id);
    (event.currentTarget.children[offered.indexOf(next)] as HTMLElement).focus();
  };
  return (
    <div className={styles["fresh"]}>
      <Link to="/chat" className={styles["back"]}><LeftOutlined aria-hidden /> {t("sessions.title")}</Link>
      <div className={styles["welcome"]}>
        {answer.error && !answer.data && <Failed error={answer.error} retry={answer.refetch} />}
        {answer.data && !agents.length && <Starters />}
        {agents.length > 0 && (
          <>
            <h2>{t("fresh.title")}</h2>
            <p className="soft">{t("fresh.about")}</p>
            <div className={styles["agents"]} role="radiogroup" aria-label={t("composer.agent")} onKeyDown={moved}>
              {offered.map(({ id, name, config }, at) => (
                <button key={id} type="button" role="radio" aria-checked={chosen === id} tabIndex={chosen === id || (at === 0 && !offered.some((one) => one.id === chosen)) ? 0 : -1} className={styles["agent"]} onClick={() => setTarget(id)}>
                  <Face name={name} size={32} />
                  <span><strong>{name}</strong><span>{config.description}</span></span>
                </button>
              ))}
            </div>
          </>
        )}
      </div>
      {agents.length > 0 && <Composer session="new" agents={agents} target={chosen} choose={setTarget} active={false} focused={focused && matchMedia("(hover: hover)").matches} busy={begin.isPending} send={send} />}
    </div>
  );
}
