import { Fragment, type ReactNode } from "react";
import styles from "./Facts.module.css";

/** Labels and values, one a line. What isn't known isn't told. */
export function Facts({ items }: { readonly items: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className={styles["facts"]}>
      {items.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "").map(([label, value]) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
