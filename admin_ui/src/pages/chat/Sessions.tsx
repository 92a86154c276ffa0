import { EditOutlined, MoreOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, Tooltip } from "antd";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useNavigate } from "react-router";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { When } from "../../components/When";
import { useMyList } from "../../hub/member";
import type { ChatSession } from "../../hub/my";
import styles from "./Chat.module.css";
import { EVERY, useUnread } from "./useArrivals";
import { useSessionMenu } from "./useSessionMenu";

/** Pages that a search reads at most. */
const MOST = 20;

/** All sessions, the newest first, and those that a search finds by their titles. */
export function Sessions() {
  const { t } = useTranslation(["chat", "common"]);
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim().toLocaleLowerCase());
  const answer = useMyList("/my/chat/sessions/", {}, { every: EVERY });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = answer;
  const pages = Math.ceil((data?.length ?? 0) / 100);
  useEffect(() => {
    if (wanted && hasNextPage && !isFetchingNextPage && pages < MOST) void fetchNextPage();
  }, [wanted, hasNextPage, isFetchingNextPage, fetchNextPage, pages]);
  const found = useMemo(() => (data ?? []).filter(({ title }) => title.toLocaleLowerCase().includes(wanted)), [data, wanted]);
  return (
    <nav className={styles["sessions"]} aria-label={t("sessions.title")}>
      <header className={styles["sessionsHead"]}>
        <p aria-hidden="true">{t("title")}</p>
        <Tooltip title={t("sessions.new")}>
          <Button icon={<EditOutlined />} aria-label={t("sessions.new")} onClick={() => navigate("/chat/new")} />
        </Tooltip>
      </header>
      <div className={styles["search"]}>
        <Input data-search allowClear prefix={<SearchOutlined aria-hidden />} value={search} onChange={({ target }) => setSearch(target.value)} placeholder={t("sessions.search")} aria-label={t("sessions.search")} />
      </div>
      <div className={styles["sessionList"]}>
        <Loaded answer={answer} rows={6}>
          {(all) =>
            found.length ? (
              <ul>
                {found.map((session) => <Entry key={session.id} session={session} />)}
                {hasNextPage && !wanted && <li><Button block type="text" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("sessions.more")}</Button></li>}
              </ul>
            ) : (
              <Nothing height={120}>{all.length ? t("sessions.noneFits") : t("sessions.none")}</Nothing>
            )
          }
        </Loaded>
      </div>
    </nav>
  );
}

function Entry({ session }: { readonly session: ChatSession }) {
  const { t } = useTranslation("chat");
  const menu = useSessionMenu(session);
  const title = session.title || t("sessions.untitled");
  const unread = useUnread().has(session.id);
  return (
    <li className={styles["entry"]} data-unread={unread}>
      <NavLink to={`/chat/${session.id}`} title={title}>
        <span className={styles["entryTitle"]}>{title}</span>
        <span className={styles["entryNote"]}>
          {session.active_runs > 0 ? <span className={styles["busy"]}>{t("sessions.busy")}</span> : unread ? <span className={styles["new"]}>{t("sessions.unread")}</span> : <When at={session.updated_at} />}
        </span>
      </NavLink>
      <Dropdown trigger={["click"]} menu={{ items: menu }} placement="bottomRight">
        <Button type="text" size="small" icon={<MoreOutlined />} className={styles["entryMenu"] ?? ""} aria-label={t("sessions.menu", { title })} />
      </Dropdown>
    </li>
  );
}
