import { Alert, Drawer, Input, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Newer, Pause } from "../../components/Hold";
import { Json } from "../../components/Json";
import { LiveRows } from "../../components/LiveRows";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { useHold } from "../../components/useHold";
import { When } from "../../components/When";
import { clock, count, moment } from "../../format";
import { errorText } from "../../hub/errors";
import { agentsOf, found, TONES, TYPES, type Change } from "./changes";
import styles from "./ChangeList.module.css";

interface ChangeListProps {
  readonly changes: readonly Change[];
  /** All that ever came, also those that aren't kept any more. */
  readonly received: number;
  /** Why one's own memories can't be followed. */
  readonly error: Error | undefined;
  /** Absent on a hub without accounts. */
  readonly user: string | undefined;
}

/** Each change as it comes, newest first. It stands still while it is paused, and while somebody looks at older ones. */
export function ChangeList({ changes, received, error, user }: ChangeListProps) {
  const { t } = useTranslation("memory");
  const { t: common } = useTranslation();
  const [type, setType] = useAddress("type");
  const [agent, setAgent] = useAddress("agent");
  const [text, setText] = useAddress("text");
  const { shown, why, newer, turn, look } = useHold(changes, received);
  const [opened, open] = useState<Change>();
  const rows = useMemo(() => found(shown, { type, agent, text }), [shown, type, agent, text]);
  const agents = useMemo(() => agentsOf(changes), [changes]);
  return (
    <Panel
      flush
      title={t("list.title")}
      note={common("live.count", { count: rows.length })}
      actions={
        <>
          <Input data-search allowClear value={text} onChange={({ target }) => setText(target.value)} placeholder={t("list.search")} aria-label={t("list.search")} className={styles["search"] ?? ""} />
          <Select value={type} onChange={setType} aria-label={t("list.type")} popupMatchSelectWidth={false} style={{ minWidth: 140 }} options={[{ value: "", label: t("list.anyType") }, ...TYPES.map((value) => ({ value, label: t(`type.${value}`) }))]} />
          <Select value={agent} onChange={setAgent} aria-label={t("list.agent")} popupMatchSelectWidth={false} style={{ minWidth: 130 }} options={[{ value: "", label: t("list.anyAgent") }, ...agents.map((value) => ({ value, label: value }))]} />
          <Pause why={why} turn={turn} />
        </>
      }
    >
      <p className={styles["about"]}>{user === undefined ? t("list.open") : t("list.own", { user })}</p>
      {error && <Alert type="error" showIcon banner message={errorText(error, common)} />}
      <Newer why={why} newer={newer} turn={turn} />
      {rows.length ? (
        <LiveRows items={rows} label={t("list.title")} testId="changes" columns={styles["columns"]} following={!why} look={look} keyOf={({ id }) => id} open={open}>
          {(change) => <ChangeRow change={change} />}
        </LiveRows>
      ) : (
        <Nothing height={160}>{t(changes.length ? "list.noneFit" : "list.none")}</Nothing>
      )}
      <Drawer open={opened !== undefined} onClose={() => open(undefined)} title={opened && t(`type.${opened.type}`)} size="large">
        {opened && <Details change={opened} />}
      </Drawer>
    </Panel>
  );
}

function ChangeRow({ change }: { readonly change: Change }) {
  const { t } = useTranslation("memory");
  const { type, at, agent, kind, text, count: many } = change;
  return (
    <>
      <time className={styles["time"]} dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <span className={styles["what"]}><Badge tone={TONES[type]}>{t(`type.${type}`)}{many > 1 && ` ×${count(many)}`}</Badge></span>
      <span className={`cut ${styles["kind"]}`}>{kind}</span>
      <span className={`cut ${styles["text"]}`}>{type === "memory_counts" ? <Counted change={change} /> : text}</span>
      <span className={`cut ${styles["agent"]}`}>{agent}</span>
    </>
  );
}

/** What happened to everybody's memories, in a line. */
function Counted({ change: { publication } }: { readonly change: Change }) {
  const { t } = useTranslation("memory");
  const { created, changed, pruned, deleted } = publication.data as Readonly<Record<"created" | "changed" | "pruned" | "deleted", number | undefined>>;
  return <>{t("list.counted", { created: count(created), changed: count(changed), pruned: count(pruned), deleted: count(deleted) })}</>;
}

function Details({ change }: { readonly change: Change }) {
  const { t } = useTranslation("memory");
  const { publication, at } = change;
  return (
    <div className={styles["details"]}>
      <p className="soft">{publication.channel} · {moment(at)} · <When at={at} /></p>
      {change.text && <p className={styles["whole"]}>{change.text}</p>}
      <h3>{t("list.message")}</h3>
      <Json value={publication.data} />
    </div>
  );
}
