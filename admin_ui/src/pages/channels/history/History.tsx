import { DeleteOutlined, ReloadOutlined } from "@ant-design/icons";
import { Button, DatePicker, InputNumber, Popconfirm, Segmented, Skeleton } from "antd";
import type { Dayjs } from "dayjs";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Publication } from "tocsin-client";
import { Badge } from "../../../components/Badge";
import { Failed, Nothing } from "../../../components/Nothing";
import { Panel } from "../../../components/Panel";
import { count, seconds } from "../../../format";
import { useAction } from "../../../hub/api";
import { useSession } from "../../../hub/session";
import type { ChannelState } from "../list/rows";
import { Beside, Inspector } from "../live/Inspector";
import styles from "./History.module.css";
import type { Shown } from "./pages";
import { StoredRow } from "./StoredRow";
import { useHistory, type Start } from "./useHistory";

interface HistoryProps {
  readonly state: ChannelState;
  readonly again?: ((message: Publication) => void) | undefined;
}

/** What a channel keeps, by position. */
export function History({ state, again }: HistoryProps) {
  const { t } = useTranslation("channels");
  if (!state.options.history_size) return <Nothing title={t("history.none")} height={220}>{t("history.noneAbout")}</Nothing>;
  return <Browser state={state} again={again} />;
}

function Browser({ state, again }: HistoryProps) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation();
  const { channel, options } = state;
  const [start, setStart] = useState<Start>();
  const [newestFirst, setNewestFirst] = useState(true);
  const [chosen, choose] = useState<Publication>();
  const history = useHistory({ channel, start, newestFirst });
  const pages = history.data?.pages ?? [];
  const [first] = pages;
  const total = useMemo(() => pages.reduce((sum, { publications }) => sum + publications.length, 0), [pages]);
  const later = first && state.epoch === first.epoch && (state.offset ?? 0) > first.top ? (state.offset ?? 0) - first.top : 0;
  return (
    <Panel
      flush
      title={t("history.title")}
      note={first && <>{t("history.shown", { number: count(total), top: count(first.top) })} {later > 0 && <Badge tone="info">{t("history.later", { count: later, number: count(later) })}</Badge>}</>}
      actions={
        <>
          <Button icon={<ReloadOutlined />} size="small" loading={history.isRefetching && !history.isFetchingNextPage} onClick={() => void history.refetch()}>{common("action.refresh")}</Button>
          <Clear channel={channel} />
        </>
      }
    >
      <Where setStart={setStart} newestFirst={newestFirst} setNewestFirst={setNewestFirst} />
      <div className={styles["stage"]}>
        <Beside title={t("inspect.title")} close={() => choose(undefined)} inspector={chosen && <Inspector message={chosen} keyed={options.conflate === "key"} again={again} close={() => choose(undefined)} />}>
          <div className={styles["pages"]} tabIndex={0} role="region" aria-label={t("history.title")}>
            {history.isPending && <div className={styles["wait"]}><Skeleton active title={false} paragraph={{ rows: 6 }} /></div>}
            {history.error && !pages.length && <Failed error={history.error} retry={history.refetch} />}
            {first && total === 0 && <Nothing title={t("history.empty")} height={200}>{start ? t("history.emptyHere") : first.top ? t("history.gone", { age: seconds(options.history_age) }) : t("history.emptyAbout")}</Nothing>}
            {pages.map((page, at) => <PageOf key={at} page={page} newestFirst={newestFirst} chosen={chosen} choose={choose} />)}
            {total > 0 && <End page={pages.at(-1)} newestFirst={newestFirst} busy={history.isFetchingNextPage} more={() => void history.fetchNextPage()} />}
          </div>
        </Beside>
      </div>
    </Panel>
  );
}

interface WhereProps {
  readonly newestFirst: boolean;
  setStart(start: Start): void;
  setNewestFirst(newest: boolean): void;
}

/** Where to begin, and which way to go. */
function Where({ setStart, newestFirst, setNewestFirst }: WhereProps) {
  const { t } = useTranslation("channels");
  const [offset, setOffset] = useState<number | null>(null);
  const [time, setTime] = useState<Dayjs | null>(null);
  const ends = (next: number | null) => {
    setTime(null);
    setStart(next === null ? undefined : { offset: next });
  };
  return (
    <div className={styles["bar"]}>
      <Segmented value={newestFirst ? "newest" : "oldest"} onChange={(value) => setNewestFirst(value === "newest")} options={[{ value: "newest", label: t("history.newestFirst") }, { value: "oldest", label: t("history.oldestFirst") }]} />
      <InputNumber<number>
        min={1}
        max={Number.MAX_SAFE_INTEGER}
        precision={0}
        value={offset}
        onChange={(next) => {
          setOffset(next);
          if (next === null) ends(null);
        }}
        onPressEnter={() => ends(offset)}
        onBlur={() => offset !== null && ends(offset)}
        placeholder={t("history.fromOffset")}
        aria-label={t("history.fromOffset")}
        className={styles["offset"] ?? ""}
        controls={false}
      />
      <DatePicker
        showTime
        value={time}
        onChange={(next) => {
          setTime(next);
          setOffset(null);
          setStart(next ? { time: next.valueOf() } : undefined);
        }}
        placeholder={t("history.atTime")}
        aria-label={t("history.atTime")}
      />
    </div>
  );
}

interface PageOfProps {
  readonly page: Shown;
  readonly newestFirst: boolean;
  readonly chosen: Publication | undefined;
  choose(message: Publication | undefined): void;
}

function PageOf({ page, newestFirst, chosen, choose }: PageOfProps) {
  const { t } = useTranslation("channels");
  const lost = page.lost && <p className={styles["mark"]} data-tone="warn">{t("history.lost", { first: count(page.lost[0]), last: count(page.lost[1]) })}</p>;
  return (
    <>
      {page.began && <p className={styles["mark"]} data-tone="warn">{t("history.began", { epoch: page.epoch })}</p>}
      {!newestFirst && lost}
      {page.publications.map((message) => (
        <StoredRow key={`${message.epoch} ${message.offset}`} message={message} chosen={message === chosen} choose={choose} />
      ))}
      {newestFirst && lost}
    </>
  );
}

interface EndProps {
  readonly page: Shown | undefined;
  readonly newestFirst: boolean;
  readonly busy: boolean;
  more(): void;
}

/** Goes on, or says that there is no more and whether that is all there was. */
function End({ page, newestFirst, busy, more }: EndProps) {
  const { t } = useTranslation("channels");
  if (!page) return null;
  if (page.next) return <div className={styles["more"]}><Button loading={busy} onClick={more}>{newestFirst ? t("history.older") : t("history.newer")}</Button></div>;
  const whole = page.lost ? t("history.keptEnd") : newestFirst ? t("history.beginning") : t("history.top");
  return <p className={styles["mark"]}>{whole} {page.recovered === true && <Badge tone="good">{t("history.recovered")}</Badge>}</p>;
}

/** Forgets what was published, for operators. */
function Clear({ channel }: { readonly channel: string }) {
  const { t } = useTranslation("channels");
  const { operator } = useSession();
  const clear = useAction((api) => api.delete("/api/channels/{channel}/history", { params: { channel } }), {
    stale: ["/api/channels/{channel}/history", "/api/channels/{channel}", "/api/channels"],
    done: t("history.cleared", { channel }),
  });
  if (!operator) return null;
  return (
    <Popconfirm title={t("history.clearAsk", { channel })} description={t("history.clearAbout")} okText={t("history.clear")} okButtonProps={{ danger: true }} onConfirm={() => clear.mutateAsync(undefined).catch(() => undefined)}>
      <Button size="small" danger icon={<DeleteOutlined />} loading={clear.isPending}>{t("history.clear")}</Button>
    </Popconfirm>
  );
}
