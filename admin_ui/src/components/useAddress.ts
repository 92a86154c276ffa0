import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

/** What the address was last asked to be, until it is: of two settings that change at once, each keeps the other's. */
let asked: URLSearchParams | undefined;

/**
 * A setting of a page that stands in its address, so that a link leads to what somebody saw. Its default isn't written.
 * Nothing secret belongs there.
 *
 * The address follows a moment later than the value: the router changes it in its own time, and a field that waited for
 * that would lose what is typed fast.
 */
export function useAddress(name: string, initial = ""): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const stored = params.get(name) ?? initial;
  const [shown, setShown] = useState(stored);
  const onTheirWay = useRef<readonly string[]>([]);
  useEffect(() => {
    const at = onTheirWay.current.indexOf(stored);
    onTheirWay.current = onTheirWay.current.slice(at + 1);
    if (at < 0) setShown(stored); // a link, the way back, or another part of the page
  }, [stored]);
  useEffect(() => {
    if (stored === shown) onTheirWay.current = [];
  }, [stored, shown]);
  useEffect(() => {
    asked = undefined;
  }, [params]);
  const change = useCallback(
    (value: string) => {
      onTheirWay.current = [...onTheirWay.current, value];
      setShown(value);
      setParams(
        (last) => {
          const next = new URLSearchParams(asked ?? last);
          if (value === initial) next.delete(name);
          else next.set(name, value);
          asked = next;
          return next;
        },
        { replace: true },
      );
    },
    [name, initial, setParams],
  );
  return [shown, change];
}
