import styles from "./Face.module.css";

/** An agent's sign: its first letter, in a colour of its own. */
export function Face({ name, size = 26 }: { readonly name: string; readonly size?: number }) {
  const colour = `var(--series-${(hash(name) % 8) + 1})`;
  return (
    <span className={styles["face"]} style={{ width: size, height: size, fontSize: size * 0.46, color: colour, background: `color-mix(in srgb, ${colour} 14%, var(--surface))` }} aria-hidden="true">
      {([...name][0] ?? "?").toLocaleUpperCase()}
    </span>
  );
}

const hash = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
