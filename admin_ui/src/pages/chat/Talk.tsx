import { LeftOutlined, MoreOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown, Skeleton } from "antd";
import { useEffect, useMemo, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { isOff } from "../../components/Loaded";
import { Failed, Nothing } from "../../components/Nothing";
import { errorText } from "../../hub/errors";
import { useAgain, useMember, useMyAction, useMyList } from "../../hub/member";
import type { Citation } from "../../hub/my";
import { Answer } from "./Answer";
import styles from "./Chat.module.css";
import { CitationDrawer } from "./CitationDrawer";
import { Composer } from "./Composer";
import { lastAgent, linesOf, openRuns } from "./conversation";
import { Follower } from "./follower";
import { Lines } from "./Lines";
import type { Outgoing } from "./outgoing";
import { Question } from "./Question";
import { sourceOf } from "./source";
import { TraceDrawer } from "./TraceDrawer";
import { useUnread } from "./useArrivals";
import { useSending, type Asked } from "./useSending";
import { useSessionMenu } from "./useSessionMenu";

/** One conversation, as it is on the hub, live. */
export function Talk({ session }: { readonly session: string }) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const member = useMember();
  const follower = useMemo(() => new Follower(sourceOf(member, session)), [member, session]);
  const { conversation, error, hasOlder, readsOlder } = useSyncExternalStore(follower.follow, follower.read);
  const { waiting, send, resend, drop } = useSending(session, follower, conversation?.messages);
  const agents = useMyList("/my/agents/").data ?? [];
  const listed = useMyList("/my/chat/sessions/").data?.find(({ id }) => id === session)?.title;
  const [chosen, choose] = useState<string>();
  const [given, give] = useState<Outgoing>();
  const [cited, setCited] = useState<Citation>();
  const [traced, setTraced] = useState<string>();
  const open = conversation ? openRuns(conversation) : [];
  const lines = useMemo(() => (conversation ? linesOf(conversation) : []), [conversation]);
  const stop = useMyAction((api) => api.post("/my/chat/{session_id}/stop", { params: { session_id: session } }));
  const retry = useMyAction((api, run_id: string) => api.post("/my/runs/{run_id}/retry", { params: { run_id } }));
  useFirst(send);
  useListed(session, conversation?.title, open.length);
  const last = conversation && lastAgent(conversation);
  // Before the conversation is there nobody is named: the hub knows who was asked last.
  const target = [chosen, last, conversation && agents[0]?.id].find((id) => id && agents.some((agent) => agent.id === id));
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open.length && !event.nativeEvent.isComposing && !event.defaultPrevented) stop.mutate(undefined);
  };
  if (!conversation && isOff(error)) return <Nothing title={t("talk.gone")} height={320} action={<Link to="/chat">{t("sessions.title")}</Link>}>{t("talk.goneAbout")}</Nothing>;
  return (
    <>
      <div className={styles["inner"]} onKeyDown={pressed}>
        <Head id={session} title={conversation?.title ?? listed} />
        {conversation && error !== undefined && <Alert banner type="warning" message={isOff(error) ? t("talk.goneAbout") : t("talk.stale", { reason: errorText(error, common) })} />}
        {!conversation && error !== undefined && <Failed error={error} retry={follower.catchUp} />}
        {!conversation && error === undefined && !waiting.length && <div className={styles["outline"]} aria-busy="true"><Skeleton active avatar paragraph={{ rows: 3 }} /><Skeleton active avatar paragraph={{ rows: 5 }} /></div>}
        {(conversation || waiting.length > 0) && (
          <Lines lines={lines} hasOlder={hasOlder} readsOlder={readsOlder} readOlder={follower.readOlder} sent={waiting.length} empty={!lines.length && !waiting.length && <Nothing height={240} title={t("talk.empty")}>{t("talk.emptyAbout")}</Nothing>}
            tail={waiting.map((one) => <Question key={one.key} content={one.content} error={one.error} pending resend={() => resend(one)} edit={() => { drop(one); give(one); }} drop={() => drop(one)} />)}
          >
            {(line) =>
              line.kind === "question"
                ? <Question key={line.key} content={line.message.content} at={line.message.created_at} />
                : <Answer key={line.key} message={line.message} run={line.run} cite={setCited} trace={setTraced} retry={retry.mutate} retries={retry.isPending} />
            }
          </Lines>
        )}
        <p role="status" className="visually-hidden">{open[0] ? t("talk.answers", { agent: open[0].agent }) : lines.length ? t("talk.idle") : ""}</p>
        <Composer session={session} agents={agents} target={target} choose={choose} given={given} active={open.length > 0} focused={matchMedia("(hover: hover)").matches} send={send} stop={() => stop.mutate(undefined)} />
      </div>
      <CitationDrawer citation={cited} close={() => setCited(undefined)} />
      <TraceDrawer run={traced} close={() => setTraced(undefined)} />
    </>
  );
}

function Head({ id, title }: { readonly id: string; readonly title: string | undefined }) {
  const { t } = useTranslation("chat");
  const shown = title === undefined ? "" : title || t("sessions.untitled");
  const unread = useUnread().size;
  const menu = useSessionMenu({ id, title: title ?? "" });
  return (
    <header className={styles["head"]}>
      <Link to="/chat" className={styles["back"]} aria-label={unread ? t("sessions.titleUnread", { count: unread }) : t("sessions.title")}>
        <LeftOutlined aria-hidden />
        {unread > 0 && <span className={styles["backMark"]} />}
      </Link>
      <h2 title={shown}>{shown}</h2>
      <Dropdown trigger={["click"]} menu={{ items: menu }} placement="bottomRight">
        <Button type="text" icon={<MoreOutlined />} aria-label={t("sessions.menu", { title: shown })} />
      </Dropdown>
    </header>
  );
}

/** Sends what the conversation was begun with: it came along with the way here, once. */
function useFirst(send: (asked: Asked) => void): void {
  const { state, pathname } = useLocation();
  const navigate = useNavigate();
  const first = (state as { readonly first?: Asked } | null)?.first;
  useEffect(() => {
    if (!first) return;
    void navigate(pathname, { replace: true, state: null });
    send(first);
  }, [first, navigate, pathname, send]);
}

/** The list of sessions follows what happens here. */
function useListed(id: string, title: string | undefined, open: number): void {
  const again = useAgain();
  const queries = useAgainWhen(`${id} ${title} ${open > 0}`);
  useEffect(() => {
    if (queries) again("/my/chat/sessions/");
  }, [again, queries]);
}

/** How often a value has changed since it was first there. */
function useAgainWhen(value: string): number {
  const [state, setState] = useState({ value, changes: 0 });
  if (state.value !== value) setState({ value, changes: state.changes + 1 });
  return state.changes;
}
