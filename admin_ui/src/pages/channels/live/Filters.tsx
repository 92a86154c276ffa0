import { SearchOutlined } from "@ant-design/icons";
import { Input, Select } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Live.module.css";

interface FiltersProps {
  readonly words: string;
  readonly types: readonly string[];
  readonly known: readonly string[];
  search(words: string): void;
  choose(types: readonly string[]): void;
}

/** What is looked for. Drawn anew only when that changes, and not with each message. */
export const Filters = memo(function Filters({ words, types, known, search, choose }: FiltersProps) {
  const { t } = useTranslation("channels");
  return (
    <>
      <Input data-search allowClear prefix={<SearchOutlined />} value={words} onChange={({ target }) => search(target.value)} placeholder={t("live.search")} aria-label={t("live.search")} className={styles["search"] ?? ""} />
      <Select mode="multiple" allowClear maxTagCount={1} value={[...types]} onChange={choose} options={known.map((type) => ({ value: type, label: type }))} placeholder={t("live.allTypes")} aria-label={t("live.types")} className={styles["types"] ?? ""} popupMatchSelectWidth={false} />
    </>
  );
});
