import styles from "./Gauge.module.css";

interface GaugeProps {
  readonly label: string;
  /** 0 to 100, or `null` when it isn't known. */
  readonly value: number | null | undefined;
  /** As people read it. */
  readonly text: string;
  /** Under the number. */
  readonly note?: string;
  /** From which value on it is a warning, and from which it is bad. */
  readonly bounds?: readonly [warn: number, bad: number];
}

const RADIUS = 80;
const LENGTH = Math.PI * RADIUS;

/** Half a ring that fills from left to right. */
export function Gauge({ label, value, text, note, bounds = [75, 90] }: GaugeProps) {
  const known = typeof value === "number" ? Math.min(100, Math.max(0, value)) : 0;
  const tone = value == null ? "none" : known >= bounds[1] ? "bad" : known >= bounds[0] ? "warn" : "good";
  const arc = `M20 100 A${RADIUS} ${RADIUS} 0 0 1 180 100`;
  return (
    <figure className={styles["gauge"]} data-tone={tone} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...(value != null && { "aria-valuenow": Math.round(known) })} aria-valuetext={text}>
      <svg viewBox="0 0 200 112" aria-hidden="true">
        <path d={arc} className={styles["track"]} />
        {known > 0 && <path d={arc} className={styles["fill"]} strokeDasharray={`${(known / 100) * LENGTH} ${LENGTH}`} />}
        <text x="100" y="88" textAnchor="middle" className={styles["number"]}>{text}</text>
        {note && <text x="100" y="108" textAnchor="middle" className={styles["note"]}>{note}</text>}
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
