import type { ReactNode } from "react";
import type { Tone } from "./Stat";
import styles from "./Badge.module.css";

/** A word with a colour: a state, a severity, a verdict. The word says it, the colour only repeats it. */
export function Badge({ tone = "plain", dot = false, children }: { readonly tone?: Tone; readonly dot?: boolean; readonly children: ReactNode }) {
  return (
    <span className={styles["badge"]} data-tone={tone}>
      {dot && <span className={styles["dot"]} aria-hidden="true" />}
      {children}
    </span>
  );
}
