import { CaretRightOutlined, PauseOutlined } from "@ant-design/icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Alert, Button, Drawer, Input, Select } from "antd";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Json } from "../../components/Json";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { When } from "../../components/When";
import { clock, count, moment } from "../../format";
import { errorText } from "../../hub/errors";
import { agentsOf, found, TONES, TYPES, type Change } from "./changes";
import styles from "./ChangeList.module.css";

interface ChangeListProps {
  readonly changes: readonly Change[];
  /** Why one's own memories can't be followed. */
  readonly error: Error | undefined;
  /** Absent on a hub without accounts. */
  readonly user: string | undefined;
}

/** Pixels of a row; of two lines on a narrow screen. */
const [ROW, TALL] = [40, 62];

/** Each change as it comes, newest first. It stands still while paused. */
export function ChangeList({ changes, error, user }: ChangeListProps) {
  const { t } = useTranslation("memory");
  const { t: common } = useTranslation();
  const [type, setType] = useAddress("type");
  const [agent, setAgent] = useAddress("agent");
  const [text, setText] = useAddress("text");
  const [kept, keep] = useState<readonly Change[]>();
  const [opened, open] = useState<Change>();
  const shown = kept ?? changes;
  const rows = useMemo(() => found(shown, { type, agent, text }), [shown, type, agent, text]);
  const agents = useMemo(() => agentsOf(changes), [changes]);
  const waiting = kept ? changes.length - kept.length : 0;
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
          <Button icon={kept ? <CaretRightOutlined /> : <PauseOutlined />} onClick={() => keep(kept ? undefined : changes)}>
            {kept ? common("action.resume") : common("action.pause")}
          </Button>
        </>
      }
    >
      <p className={styles["about"]}>{user === undefined ? t("list.open") : t("list.own", { user })}</p>
      {error && <Alert type="error" showIcon banner message={errorText(error, common)} />}
      {waiting > 0 && <button type="button" className={styles["waiting"]} onClick={() => keep(undefined)}>{t("list.newer", { count: waiting })}</button>}
      {rows.length ? <Rows rows={rows} open={open} /> : <Nothing height={160}>{t(changes.length ? "list.noneFit" : "list.none")}</Nothing>}
      <Drawer open={opened !== undefined} onClose={() => open(undefined)} title={opened && t(`type.${opened.type}`)} size="large">
        {opened && <Details change={opened} />}
      </Drawer>
    </Panel>
  );
}

interface RowsProps {
  readonly rows: readonly Change[];
  open(change: Change): void;
}

function Rows({ rows, open }: RowsProps) {
  const { t } = useTranslation("memory");
  const place = useRef<HTMLDivElement>(null);
  const height = matchMedia("(max-width: 700px)").matches ? TALL : ROW;
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => place.current, estimateSize: () => height, getItemKey: (index) => rows[index]?.id ?? index, overscan: 12 });
  return (
    <div ref={place} className={styles["place"]} style={{ height: Math.min(420, rows.length * height) }} tabIndex={0} role="region" aria-label={t("list.title")}>
      <ol className={styles["rows"]} style={{ height: list.getTotalSize() }} data-testid="changes">
        {list.getVirtualItems().map(({ index, start, key }) => {
          const change = rows[index];
          return change && (
            <li key={key} style={{ height, transform: `translateY(${start}px)` }}>
              <ChangeRow change={change} open={open} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function ChangeRow({ change, open }: { readonly change: Change; open(change: Change): void }) {
  const { t } = useTranslation("memory");
  const { type, at, agent, kind, text, count: many } = change;
  return (
    <button type="button" className={styles["row"]} onClick={() => open(change)}>
      <time className={styles["time"]} dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <span className={styles["what"]}><Badge tone={TONES[type]}>{t(`type.${type}`)}{many > 1 && ` ×${count(many)}`}</Badge></span>
      <span className={`cut ${styles["kind"]}`}>{kind}</span>
      <span className={`cut ${styles["text"]}`}>{type === "memory_counts" ? <Counted change={change} /> : text}</span>
      <span className={`cut ${styles["agent"]}`}>{agent}</span>
    </button>
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
