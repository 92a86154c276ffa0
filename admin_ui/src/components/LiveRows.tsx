import { useSyncExternalStore, type ReactNode } from "react";
import styles from "./LiveRows.module.css";
import { useNewestRows } from "./useNewestRows";

interface LiveRowsProps<Item> {
  /** Newest first. */
  readonly items: readonly Item[];
  readonly label: string;
  readonly testId: string;
  /** A class that says the columns of a row, and its two lines on a narrow screen. */
  readonly columns: string | undefined;
  /** Stay at the newest. */
  readonly following: boolean;
  readonly look: (away: boolean) => void;
  readonly keyOf: (item: Item) => string;
  readonly open: (item: Item) => void;
  readonly children: (item: Item) => ReactNode;
}

/** Pixels of a row; of two lines on a narrow screen. */
const [ROW, TALL] = [40, 62];

/** Pixels of the list at most. */
const HEIGHT = 480;

/** As in the style sheets. */
const NARROW = "(max-width: 700px)";

/** A live list of however many rows, the newest on top; each opens its details. */
export function LiveRows<Item>({ items, label, testId, columns, following, look, keyOf, open, children }: LiveRowsProps<Item>) {
  const height = useSyncExternalStore(onNarrow, isNarrow) ? TALL : ROW;
  const { place, rows, onScroll } = useNewestRows({ count: items.length, height, following, look });
  return (
    <div ref={place} className={styles["place"]} style={{ height: Math.min(HEIGHT, items.length * height) }} tabIndex={0} role="region" aria-label={label} onScroll={onScroll}>
      <ol className={styles["rows"]} style={{ height: rows.getTotalSize() }} data-testid={testId}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          return item !== undefined && (
            <li key={keyOf(item)} style={{ height, transform: `translateY(${start}px)` }}>
              <button type="button" className={`${styles["row"]} ${columns}`} onClick={() => open(item)}>{children(item)}</button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

const isNarrow = (): boolean => matchMedia(NARROW).matches;

function onNarrow(changed: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}
