import { SearchOutlined } from "@ant-design/icons";
import { Input, Segmented } from "antd";
import { useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../../components/Loaded";
import { Page } from "../../../components/Page";
import { Panel } from "../../../components/Panel";
import { useAddress } from "../../../components/useAddress";
import { count } from "../../../format";
import styles from "./ChannelsList.module.css";
import { ChannelsTable } from "./ChannelsTable";
import { counted, KINDS, type Row } from "./rows";
import { useChannels } from "./useChannels";

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
  const [chosen, setKind] = useAddress("kind", "all");
  const [order, setOrder] = useAddress("sort");
  const kinds = useMemo(() => counted(rows), [rows]);
  const kind = KINDS.find((one) => one === chosen) ?? "all";
  // Typing goes first; the rows follow.
  const wanted = useDeferredValue(words);
  const choices = [{ value: "all", label: label(t("kind.all"), rows.length) }, ...KINDS.filter((one) => kinds.has(one)).map((one) => ({ value: one, label: label(t(`kind.${one}`), kinds.get(one) ?? 0) }))];
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
        {kinds.size > 1 && <Segmented value={kind} onChange={setKind} options={choices} />}
      </div>
      <ChannelsTable rows={rows} readAt={readAt} words={wanted} kind={kind} order={order} reorder={setOrder} />
    </>
  );
}

const label = (word: string, number: number) => (
  <>
    {word} <span className="soft">{count(number)}</span>
  </>
);
