import { CaretRightOutlined, PauseOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { count } from "../format";
import styles from "./Hold.module.css";
import type { Held } from "./useHold";

/** Pauses a live list, and lets it go on, whatever holds it. Drawn anew only when that changes. */
export const Pause = memo(function Pause({ why, turn }: Pick<Held<unknown>, "why" | "turn">) {
  const { t } = useTranslation();
  return (
    <Tooltip title={why === "looking" ? t("live.heldAbout") : undefined}>
      <Button icon={why ? <CaretRightOutlined /> : <PauseOutlined />} type={why ? "primary" : "default"} onClick={turn}>{why ? t("action.resume") : t("action.pause")}</Button>
    </Tooltip>
  );
});

/** Above a list that stands still: says so, and how many came meanwhile. It is there from the beginning, so that no line moves under the pointer later. */
export function Newer({ why, newer, turn }: Pick<Held<unknown>, "why" | "newer" | "turn">) {
  const { t } = useTranslation();
  if (!why) return null;
  if (!newer) return <p className={styles["newer"]}>{t("live.still")}</p>;
  return <button type="button" className={styles["newer"]} onClick={turn}>{t("live.newer", { count: newer, number: count(newer) })}</button>;
}
