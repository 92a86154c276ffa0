import { Button } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { When } from "../../components/When";
import { errorText } from "../../hub/errors";
import styles from "./Lines.module.css";

interface QuestionProps {
  readonly content: string;
  readonly at?: string;
  readonly pending?: boolean;
  /** Why it didn't reach the hub. */
  readonly error?: unknown;
  readonly resend?: () => void;
  /** Gives it back to be written anew. */
  readonly edit?: () => void;
  readonly drop?: () => void;
}

/** What the user wrote. Before the hub has it, it says so. */
export const Question = memo(function Question({ content, at, pending = false, error, resend, edit, drop }: QuestionProps) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  return (
    <article className={styles["question"]} aria-label={t("line.you")} data-pending={pending && error === undefined}>
      <div className={styles["bubble"]}>{content}</div>
      {at && <span className={styles["note"]}><When at={at} /></span>}
      {pending && error === undefined && <span className={styles["note"]}>{t("line.sending")}</span>}
      {error !== undefined && (
        <span className={styles["failed"]} role="alert">
          {t("line.notSent", { reason: errorText(error, common) })}
          <Button size="small" onClick={resend}>{t("line.resend")}</Button>
          <Button size="small" onClick={edit}>{t("line.edit")}</Button>
          <Button size="small" type="text" onClick={drop}>{common("action.delete")}</Button>
        </span>
      )}
    </article>
  );
});
