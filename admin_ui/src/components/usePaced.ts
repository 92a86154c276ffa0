import { useEffect, useRef, useState } from "react";

/**
 * A value that changes often, at most once in so many milliseconds: what is worked out from thousands of messages needn't
 * be worked out with each of them. The last one always comes.
 */
export function usePaced<Value>(value: Value, pace = 250): Value {
  const [shown, setShown] = useState(value);
  const last = useRef(-Infinity);
  useEffect(() => {
    const timer = setTimeout(() => {
      last.current = performance.now();
      setShown(() => value);
    }, Math.max(0, last.current + pace - performance.now()));
    return () => clearTimeout(timer);
  }, [value, pace]);
  return shown;
}
