import type { TableColumnsType } from "antd";
import type { TFunction } from "i18next";
import { Link } from "react-router";
import { count, MISSING } from "../../../format";
import { pathOf } from "../address";
import { Access, Kept, Newest, Rate, Traits } from "./cells";
import type { Pace } from "./rates";
import type { Row, Sort } from "./rows";

export type ShownRow = Row & { readonly pace: Pace | undefined };

/** The table's columns; the order is the page's own, so the table only shows which it is. */
export function columnsOf(t: TFunction<"channels">, sort: Sort | undefined, descending: boolean): TableColumnsType<ShownRow> {
  const by = (name: Sort) => ({ key: name, sorter: true, sortOrder: sort === name ? (descending ? ("descend" as const) : ("ascend" as const)) : null });
  return [
    {
      title: t("list.channel"),
      ...by("channel"),
      render: (_, { channel }) => <Link to={pathOf(channel)} className="mono" style={{ overflowWrap: "anywhere" }}>{channel}</Link>,
    },
    { title: t("list.subscribers"), ...by("subscribers"), align: "right", sortDirections: ["descend", "ascend"], render: (_, { subscribers }) => count(subscribers) },
    { title: t("list.rate"), ...by("rate"), sortDirections: ["descend", "ascend"], render: (_, { pace }) => <Rate pace={pace} /> },
    { title: t("list.newest"), key: "newest", responsive: ["sm"], render: (_, { state }) => <Newest state={state} /> },
    { title: t("list.history"), key: "history", responsive: ["lg"], render: (_, { state }) => (state ? <Kept options={state.options} /> : MISSING) },
    { title: t("list.access"), key: "access", responsive: ["lg"], render: (_, { state }) => (state ? <Access options={state.options} /> : MISSING) },
    { title: t("list.traits"), key: "traits", responsive: ["lg"], render: (_, { state }) => state && <Traits options={state.options} /> },
  ];
}
