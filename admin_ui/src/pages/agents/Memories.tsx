import { DownloadOutlined, MoreOutlined, PlusOutlined, PushpinFilled, PushpinOutlined, SearchOutlined } from "@ant-design/icons";
import { Alert, App, Button, Dropdown, Input, Progress, Segmented, Select, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { usePaced } from "../../components/usePaced";
import { When } from "../../components/When";
import { count, measure, share } from "../../format";
import { useMine, useMyAction, useMyList } from "../../hub/member";
import type { Agent, MemoryItem } from "../../hub/my";
import styles from "./Agents.module.css";
import { KINDS, queryOf, SPANS } from "./memories";
import { MemoryEditor } from "./MemoryEditor";
import { useExport } from "./useExport";
import { useMemoryChanges } from "./useMemoryChanges";

const LIST = ["/my/agents/{agent_id}/memories/", "/my/agents/{agent_id}/memories/usage"] as const;

/** What an agent remembers: looked through, searched, changed and forgotten. */
export function Memories({ agent }: { readonly agent: Agent }) {
  const { t } = useTranslation(["agents", "common"]);
  const [q, setQ] = useAddress("q");
  const [kind, setKind] = useAddress("kind");
  const [pinned, setPinned] = useAddress("pinned");
  const [span, setSpan] = useAddress("since");
  const [memory, setMemory] = useAddress("memory");
  const [adds, setAdds] = useState(false);
  const params = { agent_id: agent.id };
  const query = queryOf({ q: usePaced(q, 300), kind, pinned, span });
  useMemoryChanges(agent.id, LIST);
  const answer = useMyList("/my/agents/{agent_id}/memories/", { params, query });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = answer;
  const filtered = Boolean(q || kind || pinned || span);
  const save = useExport();
  const { modal } = App.useApp();
  const clear = useMyAction((api) => api.delete("/my/agents/{agent_id}/memories/", { params }), { stale: LIST, done: t("memory.cleared") });
  const askClear = () => modal.confirm({ title: t("memory.clearTitle", { name: agent.name }), content: t("memory.clearAbout"), okText: t("memory.clear"), okButtonProps: { danger: true }, onOk: () => clear.mutateAsync(undefined) });
  return (
    <div className={styles["memories"]}>
      <Usage agent={agent.id} />
      <div className={styles["filters"]}>
        <Input data-search allowClear prefix={<SearchOutlined aria-hidden />} value={q} onChange={({ target }) => setQ(target.value)} placeholder={t("memory.search")} aria-label={t("memory.search")} maxLength={500} />
        <Select aria-label={t("memory.kind")} value={kind} onChange={setKind} options={[{ value: "", label: t("memory.anyKind") }, ...KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))]} />
        <Select aria-label={t("memory.since")} value={span} onChange={setSpan} options={[{ value: "", label: t("memory.anyTime") }, ...SPANS.map(({ name }) => ({ value: name, label: t(`span.${name}`) }))]} />
        <Segmented aria-label={t("memory.pinned")} value={pinned} onChange={setPinned} options={[{ value: "", label: t("memory.all") }, { value: "yes", label: t("memory.pinned") }]} />
        <span className={styles["space"]} />
        <Button icon={<PlusOutlined />} onClick={() => setAdds(true)}>{t("memory.add")}</Button>
        <Dropdown trigger={["click"]} menu={{ items: [{ key: "export", icon: <DownloadOutlined />, label: t("memory.export"), onClick: () => void save() }, { key: "clear", danger: true, label: t("memory.clear"), onClick: askClear }] }}>
          <Button icon={<MoreOutlined />} aria-label={t("common:action.more")} />
        </Dropdown>
      </div>
      <Panel flush>
        <Loaded answer={answer} rows={6}>
          {(found) =>
            found.length ? (
              <ul className={styles["memoryList"]}>
                {found.map((one) => <Entry key={one.id} memory={one} edit={() => setMemory(one.id)} />)}
                {hasNextPage && <li className={styles["moreRows"]}><Button type="text" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("list.more")}</Button></li>}
              </ul>
            ) : (
              <Nothing title={filtered ? t("memory.noneFits") : t("memory.none")} height={200}>{filtered ? undefined : agent.config.memory ? t("memory.noneAbout") : t("memory.off")}</Nothing>
            )
          }
        </Loaded>
      </Panel>
      {(adds || memory) && <MemoryEditor agent={agent.id} memory={memory || undefined} stale={LIST} close={() => { setAdds(false); setMemory(""); }} />}
    </div>
  );
}

/** How full the memory is; from 80 % on it says what comes. */
function Usage({ agent }: { readonly agent: string }) {
  const { t } = useTranslation("agents");
  const { data } = useMine("/my/agents/{agent_id}/memories/usage", { params: { agent_id: agent } });
  if (!data) return null;
  const full = data.limit > 0 ? data.count / data.limit : 0;
  return (
    <div className={styles["usage"]}>
      <div className={styles["usageHead"]}><span>{t("usage.title")}</span> <span className="soft">{t("usage.of", { count: data.count, number: count(data.count), limit: count(data.limit) })}</span></div>
      <Progress percent={Math.min(100, full * 100)} showInfo={false} size="small" status="normal" strokeColor={data.warning ? "var(--warn)" : "var(--accent)"} aria-label={t("usage.title")} />
      {data.warning && <Alert type="warning" showIcon message={t("usage.warning", { share: share(full) })} />}
    </div>
  );
}

function Entry({ memory: { id, text, kind, pinned, score, success, embedding, created_at }, edit }: { readonly memory: MemoryItem; readonly edit: () => void }) {
  const { t } = useTranslation("agents");
  const params = { memory_id: id };
  const pin = useMyAction((api) => api.patch("/my/memories/{memory_id}", { params, body: { pinned: !pinned } }), { stale: LIST });
  const label = pinned ? t("memory.unpin") : t("memory.pin");
  return (
    <li className={styles["memory"]} data-pinned={pinned}>
      <button type="button" className={styles["memoryText"]} onClick={edit}>{text}</button>
      <Tooltip title={label}><Button type="text" size="small" icon={pinned ? <PushpinFilled /> : <PushpinOutlined />} aria-label={label} aria-pressed={pinned} loading={pin.isPending} onClick={() => pin.mutate(undefined)} /></Tooltip>
      <div className={styles["memoryFacts"]}>
        <Badge>{isKind(kind) ? t(`kind.${kind}`) : kind}</Badge>
        {success === false && <Badge tone="warn">{t("memory.failed")}</Badge>}
        {embedding === "pending" && <Badge tone="info">{t("memory.pending")}</Badge>}
        {typeof score === "number" && <span className={styles["score"]}>{t("memory.score", { score: measure(score) })}</span>}
        <span className="soft"><When at={created_at} /></span>
      </div>
    </li>
  );
}

const isKind = (kind: string): kind is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(kind);
