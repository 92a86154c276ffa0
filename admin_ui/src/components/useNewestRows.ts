import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type UIEvent } from "react";

interface NewestRows {
  readonly count: number;
  /** Pixels of a row. */
  readonly height: number;
  /** Stay at the newest row. */
  readonly following: boolean;
  /** Somebody looks at older rows, or at the newest ones again. One function for all renderings. */
  readonly look: (away: boolean) => void;
}

/** Rows beyond those in view, so that scrolling shows no holes. */
const OVERSCAN = 8;

/** Rows of one height, of which only those in view exist, the newest on top. */
export function useNewestRows({ count, height, following, look }: NewestRows) {
  const place = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count, getScrollElement: () => place.current, estimateSize: () => height, overscan: OVERSCAN });
  useEffect(() => {
    if (following && place.current) place.current.scrollTop = 0;
  }, [following]);
  useEffect(() => rows.measure(), [rows, height]);
  useEffect(() => () => look(false), [look]); // nobody looks at rows that are gone
  const onScroll = ({ currentTarget }: UIEvent) => look(currentTarget.scrollTop > height / 2);
  return { place, rows, onScroll };
}
