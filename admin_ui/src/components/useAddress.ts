import { useCallback } from "react";
import { useSearchParams } from "react-router";

/**
 * A setting of a page that stands in its address, so that a link leads to what somebody saw. Its default isn't written.
 * Nothing secret belongs there.
 */
export function useAddress(name: string, initial = ""): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (value: string) =>
      setParams(
        (last) => {
          const next = new URLSearchParams(last);
          if (value === initial) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    [name, initial, setParams],
  );
  return [params.get(name) ?? initial, change];
}
