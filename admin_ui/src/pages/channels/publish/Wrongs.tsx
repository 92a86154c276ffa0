import { useTranslation } from "react-i18next";
import type { Fault } from "./jsonText";
import styles from "./Publish.module.css";
import type { Complaint } from "./validation";

export interface Wrong {
  readonly pointer: string;
  /** `refused`: the hub doesn't take it; `unexpected`: it does, but readers of the type expect something else. */
  readonly severity: "refused" | "unexpected";
  readonly reason: Complaint["reason"] | { readonly word: "hub"; readonly what: string };
}

interface WrongsProps {
  readonly id: string;
  readonly fault: Fault | undefined;
  readonly wrongs: readonly Wrong[];
  /** Brings a part of the data into view. */
  show(pointer: string): void;
}

/** What is wrong with the data, each with the place that it is at: pressing it goes there. */
export function Wrongs({ id, fault, wrongs, show }: WrongsProps) {
  const { t } = useTranslation("channels");
  return (
    <ul id={id} className={styles["wrongs"]} aria-live="polite">
      {fault && (
        <li>
          <button type="button" data-severity="refused" onClick={() => show("")}>
            <code>{t("publish.place", { line: fault.line, column: fault.column })}</code> {t(`syntax.${fault.expected}`)}
          </button>
        </li>
      )}
      {wrongs.map(({ pointer, severity, reason }) => (
        <li key={`${severity} ${pointer} ${reason.word} ${reason.what}`}>
          <button type="button" data-severity={severity} onClick={() => show(pointer)}>
            <code>{pointer || t("publish.whole")}</code> {reason.word === "told" ? reason.what : t(`wrong.${reason.word}`, { what: reason.what })}
          </button>
        </li>
      ))}
      {wrongs.some(({ severity }) => severity === "unexpected") && <li className={styles["note"]}>{t("publish.unexpectedAbout")}</li>}
    </ul>
  );
}
