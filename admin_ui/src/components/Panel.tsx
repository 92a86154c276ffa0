import type { ReactNode } from "react";
import styles from "./Panel.module.css";

interface PanelProps {
  readonly title?: ReactNode;
  /** Beside the title: what it counts, or since when. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** The content reaches the edges, as tables and lists do. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A bordered area with a heading. */
export function Panel({ title, note, actions, flush = false, children }: PanelProps) {
  return (
    <section className={styles["panel"]}>
      {(title || actions) && (
        <header className={styles["head"]}>
          <h2>
            {title}
            {note && <span className={styles["note"]}>{note}</span>}
          </h2>
          {actions && <div className={styles["actions"]}>{actions}</div>}
        </header>
      )}
      <div className={flush ? styles["flush"] : styles["body"]}>{children}</div>
    </section>
  );
}
