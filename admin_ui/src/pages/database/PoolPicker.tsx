import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Pool } from "./pools";

interface PoolPickerProps {
  readonly pools: readonly Pool[];
  readonly pool: Pool;
  choose(key: string): void;
}

/** Chooses among the pools of all processes; with a single one it only says which it is. */
export function PoolPicker({ pools, pool, choose }: PoolPickerProps) {
  const { t } = useTranslation("database");
  const nameOf = ({ name, node }: Pool) => [name ?? t("pool.unnamed"), node].filter(Boolean).join(" · ");
  if (pools.length === 1) return <span className="soft">{nameOf(pool)}</span>;
  return (
    <Select
      id="pool"
      aria-label={t("pool.choose")}
      value={pool.key}
      onChange={choose}
      showSearch
      optionFilterProp="label"
      options={pools.map((one) => ({ value: one.key, label: nameOf(one) }))}
      popupMatchSelectWidth={false}
      style={{ minWidth: 180, maxWidth: "min(420px, 80vw)" }}
    />
  );
}
