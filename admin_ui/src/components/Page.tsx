import type { ReactNode } from "react";
import styles from "./Page.module.css";

interface PageProps {
  readonly title: string;
  /** One sentence under the title. */
  readonly about?: ReactNode;
  /** What can be done here, to the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a page: its heading, what can be done, and its panels. */
export function Page({ title, about, actions, children }: PageProps) {
  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <div>
          <h1>{title}</h1>
          {about && <p className="soft">{about}</p>}
        </div>
        {actions && <div className={styles["actions"]}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Panels side by side, as many as there is room for. `min`: pixels that each needs. */
export function Row({ children, min = 320 }: { readonly children: ReactNode; readonly min?: number }) {
  return (
    <div className={styles["row"]} style={{ gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${min}px), 1fr))` }}>
      {children}
    </div>
  );
}
