import { SearchOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Input, Table } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PresenceChange } from "tocsin-client";
import { Badge } from "../../../components/Badge";
import { Loaded } from "../../../components/Loaded";
import { Nothing } from "../../../components/Nothing";
import { Row } from "../../../components/Page";
import { Panel } from "../../../components/Panel";
import { When } from "../../../components/When";
import { count } from "../../../format";
import { useAnswer, type AnswerTo } from "../../../hub/api";
import { useSession } from "../../../hub/session";
import type { ChannelState } from "../list/rows";
import { after, matching, type Member } from "./attendance";
import { Members } from "./Members";
import styles from "./People.module.css";

const PRESENCE = "/api/channels/{channel}/presence";

/** Milliseconds after a change until the list is read again, however many come meanwhile. */
const SETTLED = 1_000;

/** Comings and goings that are listed. */
const RECENT = 20;

/** Who is on a channel now, who comes and goes, and who belongs to it. */
export function People({ state }: { readonly state: ChannelState }) {
  const { t } = useTranslation("channels");
  const { channel } = state;
  const { operator } = useSession();
  const { changes, settled } = useChanges(channel);
  // Read once this page is on the channel itself, or can't be: an answer from before would lack it.
  const present = useAnswer(PRESENCE, { params: { channel } }, { every: 10_000, enabled: settled });
  return (
    <Row min={420}>
      <Panel title={t("people.present")} flush note={present.data && t("people.counts", { clients: count(present.data.clients), users: count(present.data.users) })}>
        <Loaded answer={present}>{({ members }) => <Present members={members ?? []} />}</Loaded>
      </Panel>
      <div className={styles["beside"]}>
        <Panel title={t("people.changes")} flush>
          {changes.length ? (
            <ul className={styles["changes"]}>
              {changes.map(({ event, client, timestamp }) => (
                <li key={`${client.session} ${event} ${timestamp}`}>
                  <Badge tone={event === "join" ? "good" : "plain"}>{t(`people.${event}`)}</Badge>
                  <span className="cut mono">{client.user ?? client.client_id}</span>
                  <span className="soft"><When at={timestamp} /></span>
                </li>
              ))}
            </ul>
          ) : (
            <Nothing height={96}>{t("people.noChanges")}</Nothing>
          )}
        </Panel>
        {operator && <Members state={state} />}
      </div>
    </Row>
  );
}

function Present({ members }: { readonly members: readonly Member[] }) {
  const { t } = useTranslation("channels");
  const { hub } = useSession();
  const [words, setWords] = useState("");
  const own = hub.welcome?.["session"];
  const found = useMemo(() => matching(members, words), [members, words]);
  if (!members.length) return <Nothing title={t("people.nobody")}>{t("people.nobodyAbout")}</Nothing>;
  return (
    <>
      {members.length > 10 && (
        <div className={styles["bar"]}>
          <Input allowClear prefix={<SearchOutlined />} value={words} onChange={({ target }) => setWords(target.value)} placeholder={t("people.search")} aria-label={t("people.search")} />
        </div>
      )}
      <Table<Member>
        rowKey="session"
        size="middle"
        dataSource={[...found]}
        pagination={{ pageSize: 25, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("people.user"), render: (_, { user, session }) => <>{user ?? <span className="soft">{t("people.anonymous")}</span>} {session === own && <Badge tone="info">{t("people.here")}</Badge>}</> },
          { title: t("people.client"), render: (_, { client_id }) => <span className="mono">{client_id}</span> },
          { title: t("people.session"), responsive: ["xxl"], render: (_, { session }) => <span className="mono">{session}</span> },
          { title: t("people.since"), render: (_, { since }) => <When at={since} /> },
        ]}
      />
    </>
  );
}

/** Who came and who went while this is open, newest first. The list of those who are there follows at once. */
function useChanges(channel: string): { readonly changes: readonly PresenceChange[]; readonly settled: boolean } {
  const { hub } = useSession();
  const queries = useQueryClient();
  const [changes, setChanges] = useState<readonly PresenceChange[]>([]);
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    setChanges([]);
    const subscription = hub.subscribe(channel, { presence: true, queue: 1 });
    subscription.addEventListener("state", ({ detail }) => {
      if (detail.state === "pending") return;
      setSettled(true);
      void queries.invalidateQueries({ queryKey: [PRESENCE] });
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    subscription.addEventListener("presence", ({ detail }) => {
      // An answer that is on its way may be older than this change: it is asked again a little later.
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: [PRESENCE] });
      }, SETTLED);
      setChanges((last) => [detail, ...last].slice(0, RECENT));
      queries.setQueryData<AnswerTo<typeof PRESENCE>>([PRESENCE, { params: { channel } }], (last) => last?.members && { ...last, members: [...after(last.members, detail)] });
    });
    return () => {
      clearTimeout(timer);
      subscription.close();
    };
  }, [hub, queries, channel]);
  return { changes, settled };
}
