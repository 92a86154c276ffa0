import { Button, Table, type TablePaginationConfig } from "antd";
import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Nothing, Snippet } from "../../../components/Nothing";
import { pathOf } from "../address";
import { columnsOf } from "./columns";
import type { Reading } from "./rates";
import { isName, SORTS, viewed, type ChannelState, type Kind, type Row, type Sort } from "./rows";
import { usePaces, useStates } from "./useChannels";

/** Rows on a page of the table. */
const PAGE = 25;

const EXAMPLE = `channels:
  named:
    deploys: {publish: users, history_size: 500, history_age: 86400}`;

interface ChannelsTableProps {
  readonly rows: readonly Row[];
  /** When these were read, in milliseconds since 1970. */
  readonly readAt: number;
  readonly words: string;
  readonly kind: Kind | "all";
  /** The name of a column; a minus behind it turns the order. */
  readonly order: string;
  reorder(order: string): void;
}

/** The rows that were asked for, a page at a time: of ten thousand channels only those in view cost anything. */
export const ChannelsTable = memo(function ChannelsTable({ rows, readAt, words, kind, order, reorder }: ChannelsTableProps) {
  const { t } = useTranslation("channels");
  const navigate = useNavigate();
  const asked = `${words} ${kind} ${order}`;
  const [turned, setTurned] = useState({ asked, page: 1 });
  const [sort, descending] = sortOf(order);
  const readings = useMemo(() => rows.flatMap(({ state }) => (state ? [readingOf(state, readAt)] : [])), [rows, readAt]);
  const paces = usePaces(readings);
  const found = useMemo(() => viewed(rows, { words, kind, sort, descending }, paces), [rows, words, kind, sort, descending, paces]);
  const page = Math.min(turned.asked === asked ? turned.page : 1, Math.max(1, Math.ceil(found.length / PAGE)));
  const inView = found.slice((page - 1) * PAGE, page * PAGE);
  const others = useStates(inView);
  const states = new Map(others.flatMap(({ data, dataUpdatedAt }) => (data ? [[data.channel, { data, dataUpdatedAt }] as const] : [])));
  const otherPaces = usePaces([...states.values()].map(({ data, dataUpdatedAt }) => readingOf(data, dataUpdatedAt)));
  const shown = inView.map((row) => ({ ...row, state: row.state ?? states.get(row.channel)?.data, pace: paces.get(row.channel) ?? otherPaces.get(row.channel) }));
  const pagination: TablePaginationConfig = { current: page, pageSize: PAGE, total: found.length, showSizeChanger: false, hideOnSinglePage: true, size: "default" };
  const name = words.trim();
  return (
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
        else reorder(next);
      }}
      locale={{
        emptyText: rows.length ? (
          <Nothing title={t("list.nothingFits")} action={isName(name) && <Button onClick={() => void navigate(pathOf(name))}>{t("list.open", { channel: name })}</Button>} />
        ) : (
          <Nothing title={t("list.none")} action={<Snippet>{EXAMPLE}</Snippet>}>{t("list.noneAbout")}</Nothing>
        ),
      }}
    />
  );
});

function sortOf(order: string): [Sort | undefined, boolean] {
  const sort = SORTS.find((name) => name === order.replace(/-$/, ""));
  return [sort, order.endsWith("-")];
}

const readingOf = ({ channel, epoch, offset }: ChannelState, at: number): Reading => ({ channel, epoch, offset, at });
