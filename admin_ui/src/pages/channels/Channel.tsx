import { ArrowLeftOutlined, SendOutlined } from "@ant-design/icons";
import { Button, Tabs, Tooltip } from "antd";
import { lazy, Suspense, useCallback, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Publication } from "tocsin-client";
import { Failed } from "../../components/Nothing";
import { Loaded } from "../../components/Loaded";
import { Page } from "../../components/Page";
import { Stat, Stats } from "../../components/Stat";
import { useAddress } from "../../components/useAddress";
import { count, measure, MISSING, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { mayBy } from "./access";
import styles from "./Channel.module.css";
import { History } from "./history/History";
import { Newest } from "./list/cells";
import { paceNow } from "./list/rates";
import type { ChannelState } from "./list/rows";
import { usePaces } from "./list/useChannels";
import { Live } from "./live/Live";
import { People } from "./people/People";
import { Settings } from "./Settings";

const Publish = lazy(() => import("./publish/Publish"));

const TABS = ["live", "history", "people", "settings"] as const;

/** One channel. */
export function Channel() {
  const { t } = useTranslation("channels");
  const channel = useParams()["name"] ?? "";
  const state = useAnswer("/api/channels/{channel}", { params: { channel } }, { every: 3_000 });
  const there = state.data?.channel === channel ? state.data : undefined;
  return there ? (
    <Shown key={channel} state={there} readAt={state.dataUpdatedAt} />
  ) : (
    <Page title={channel} about={<Back />}>
      {state.error ? <Failed error={state.error} retry={state.refetch} /> : <Loaded answer={{ ...state, data: undefined }}>{() => t("title")}</Loaded>}
    </Page>
  );
}

function Back() {
  const { t } = useTranslation("channels");
  return <Link to="/channels"><ArrowLeftOutlined aria-hidden /> {t("one.all")}</Link>;
}

function Shown({ state, readAt }: { readonly state: ChannelState; readonly readAt: number }) {
  const { t } = useTranslation("channels");
  const { channel, options } = state;
  const session = useSession();
  const [tab, setTab] = useAddress("tab", "live");
  const [draft, setDraft] = useState<Publication | true>();
  const mayPublish = mayBy(options.publish, session);
  const again = useCallback((message: Publication) => setDraft(message), []);
  const panes: Readonly<Record<(typeof TABS)[number], ReactNode>> = {
    live: <Live channel={channel} options={options} again={mayPublish === false ? undefined : again} />,
    history: <History state={state} again={mayPublish === false ? undefined : again} />,
    people: <People state={state} />,
    settings: <Settings state={state} />,
  };
  return (
    <Page title={channel} about={<Back />} actions={<PublishButton may={mayPublish} rule={options.publish} open={() => setDraft(true)} />}>
      <Facts state={state} readAt={readAt} />
      <Tabs
        className={styles["tabs"] ?? ""}
        activeKey={TABS.find((name) => name === tab) ?? "live"}
        onChange={setTab}
        destroyOnHidden={false}
        items={TABS.map((name) => ({ key: name, label: t(`tab.${name}`), children: panes[name] }))}
      />
      {draft && (
        <Suspense fallback={null}>
          <Publish key={draft === true ? "new" : `${draft.epoch} ${draft.offset} ${draft.timestamp}`} state={state} draft={draft === true ? undefined : draft} close={() => setDraft(undefined)} />
        </Suspense>
      )}
    </Page>
  );
}

function PublishButton({ may, rule, open }: { readonly may: boolean | undefined; readonly rule: string; open(): void }) {
  const { t } = useTranslation("channels");
  const why = may === false ? t("publish.notAllowed", { rule: t(`rule.${rule as "nobody"}`) }) : undefined;
  return (
    <Tooltip title={why}>
      <Button type="primary" icon={<SendOutlined />} disabled={may === false} onClick={open}>{t("publish.title")}</Button>
    </Tooltip>
  );
}

function Facts({ state, readAt }: { readonly state: ChannelState; readonly readAt: number }) {
  const { t } = useTranslation("channels");
  const { channel, epoch, offset, options, subscribers } = state;
  const pace = usePaces([{ channel, epoch, offset, at: readAt }]).get(channel);
  const now = paceNow(pace);
  return (
    <div className={styles["facts"]}>
      <Stats>
        <Stat label={t("list.subscribers")} value={count(subscribers)} />
        <Stat label={t("list.rate")} value={now === null ? MISSING : t("list.perSecond", { rate: measure(now) })} about={t("one.rateAbout")} line={pace?.line ?? []} />
        <Stat label={t("one.offset")} value={count(offset)} note={epoch && t("one.epoch", { epoch })} about={t("one.offsetAbout")} />
        <Stat label={t("list.newest")} value={<Newest state={state} />} />
        <Stat label={t("list.history")} value={options.history_size ? count(options.history_size) : MISSING} note={options.history_size ? t("one.keptFor", { age: seconds(options.history_age) }) : t("list.noHistory")} />
      </Stats>
    </div>
  );
}
