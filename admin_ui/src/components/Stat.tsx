import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { MISSING } from "../format";
import { Sparkline } from "./Sparkline";
import styles from "./Stat.module.css";

export type Tone = "good" | "warn" | "bad" | "info" | "plain";

interface StatProps {
  readonly label: string;
  /** As people read it, unit included; missing shows a dash. */
  readonly value: ReactNode;
  /** Under the value: what it is out of, or what it was. */
  readonly note?: ReactNode;
  /** What the number means and over which time. */
  readonly about?: string | undefined;
  readonly tone?: Tone;
  /** How it went, oldest first. */
  readonly line?: readonly (number | null)[];
}

/** One number with its label. */
export function Stat({ label, value, note, about, tone = "plain", line }: StatProps) {
  return (
    <div className={styles["stat"]} data-tone={tone}>
      <dt>{about ? <Tooltip title={about}><span className={styles["about"]} tabIndex={0}>{label}</span></Tooltip> : label}</dt>
      <dd>
        <span className={styles["value"]}>{value ?? MISSING}</span>
        {note && <span className={styles["note"]}>{note}</span>}
      </dd>
      {line && line.length > 1 && <Sparkline values={line} />}
    </div>
  );
}

/** Numbers side by side in one frame. */
export function Stats({ children }: { readonly children: ReactNode }) {
  return <dl className={styles["stats"]}>{children}</dl>;
}
