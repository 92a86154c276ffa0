import { SearchOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Table, type TablePaginationConfig } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Loaded } from "../../../components/Loaded";
import { Nothing, Snippet } from "../../../components/Nothing";
import { Page } from "../../../components/Page";
import { Panel } from "../../../components/Panel";
import { useAddress } from "../../../components/useAddress";
import { count } from "../../../format";
import { pathOf } from "../address";
import { columnsOf } from "./columns";
import styles from "./ChannelsList.module.css";
import type { Reading } from "./rates";
import { counted, isName, KINDS, SORTS, viewed, type ChannelState, type Kind, type Row, type Sort } from "./rows";
import { useChannels, usePaces, useStates } from "./useChannels";

/** Rows on a page of the table. */
const PAGE = 25;

const EXAMPLE = `channels:
  named:
    deploys: {publish: users, history_size: 500, history_age: 86400}`;

/** All channels: what they are, who is on them, and how busy they are. */
export function ChannelsList() {
  const { t } = useTranslation("channels");
  const { listed, rows, partial } = useChannels();
  return (
    <Page title={t("title")} about={t("about")}>
      {partial && <p className="soft">{t("list.partial")}</p>}
      <Panel flush>
        <Loaded answer={listed} rows={8}>{() => <Rows rows={rows} readAt={listed.dataUpdatedAt} />}</Loaded>
      </Panel>
    </Page>
  );
}

function Rows({ rows, readAt }: { readonly rows: readonly Row[]; readonly readAt: number }) {
  const { t } = useTranslation("channels");
  const [words, setWords] = useAddress("q");
  const [kind, setKind] = useAddress("kind", "all");
  const [order, setOrder] = useAddress("sort");
  const asked = `${words} ${kind} ${order}`;
  const [turned, setTurned] = useState({ asked, page: 1 });
  const [sort, descending] = sortOf(order);
  const kinds = useMemo(() => counted(rows), [rows]);
  const readings = useMemo(() => rows.flatMap(({ state }) => (state ? [readingOf(state, readAt)] : [])), [rows, readAt]);
  const paces = usePaces(readings);
  const found = useMemo(() => viewed(rows, { words, kind: kind as Kind, sort, descending }, paces), [rows, words, kind, sort, descending, paces]);
  const page = Math.min(turned.asked === asked ? turned.page : 1, Math.max(1, Math.ceil(found.length / PAGE)));
  const inView = found.slice((page - 1) * PAGE, page * PAGE);
  const others = useStates(inView);
  const states = new Map(others.flatMap(({ data, dataUpdatedAt }) => (data ? [[data.channel, { data, dataUpdatedAt }] as const] : [])));
  const otherPaces = usePaces([...states.values()].map(({ data, dataUpdatedAt }) => readingOf(data, dataUpdatedAt)));
  const shown = inView.map((row) => ({ ...row, state: row.state ?? states.get(row.channel)?.data, pace: paces.get(row.channel) ?? otherPaces.get(row.channel) }));
  const name = words.trim();
  const pagination: TablePaginationConfig = { current: page, pageSize: PAGE, total: found.length, showSizeChanger: false, hideOnSinglePage: true, size: "default" };
  return (
    <>
      <div className={styles["bar"]}>
        <Input
          data-search
          allowClear
          prefix={<SearchOutlined />}
          value={words}
          onChange={({ target }) => setWords(target.value)}
          placeholder={t("list.search")}
          aria-label={t("list.search")}
          className={styles["search"] ?? ""}
          maxLength={128}
        />
        {kinds.size > 1 && (
          <Segmented
            value={kind}
            onChange={setKind}
            options={[{ value: "all", label: label(t("kind.all"), rows.length) }, ...KINDS.filter((one) => kinds.has(one)).map((one) => ({ value: one, label: label(t(`kind.${one}`), kinds.get(one) ?? 0) }))]}
          />
        )}
      </div>
      <Table
        rowKey="channel"
        size="middle"
        dataSource={shown}
        columns={columnsOf(t, sort, descending)}
        pagination={pagination}
        scroll={{ x: "max-content" }}
        onChange={({ current }, _, sorter) => {
          const one = Array.isArray(sorter) ? sorter[0] : sorter;
          const next = one?.order ? `${String(one.columnKey)}${one.order === "descend" ? "-" : ""}` : "";
          if (next === order) setTurned({ asked, page: current ?? 1 });
          else setOrder(next);
        }}
        locale={{
          emptyText: rows.length ? (
            <Nothing title={t("list.nothingFits")} action={isName(name) && <Link to={pathOf(name)}><Button>{t("list.open", { channel: name })}</Button></Link>} />
          ) : (
            <Nothing title={t("list.none")} action={<Snippet>{EXAMPLE}</Snippet>}>{t("list.noneAbout")}</Nothing>
          ),
        }}
      />
    </>
  );
}

const label = (word: string, number: number) => (
  <>
    {word} <span className="soft">{count(number)}</span>
  </>
);

/** A minus behind the name turns the order. */
function sortOf(order: string): [Sort | undefined, boolean] {
  const sort = SORTS.find((name) => name === order.replace(/-$/, ""));
  return [sort, order.endsWith("-")];
}

const readingOf = ({ channel, epoch, offset }: ChannelState, at: number): Reading => ({ channel, epoch, offset, at });
