import { Tooltip } from "antd";
import { useEffect, useState } from "react";
import { ago, clock, MISSING, moment } from "../format";

/** A time. As how long ago it is, or as the time of day; the whole of it under the pointer. */
export function When({ at, exact = false }: { readonly at: string | number | null | undefined; readonly exact?: boolean }) {
  useTick(exact || at == null ? undefined : 10_000);
  if (at == null) return <>{MISSING}</>;
  return (
    <Tooltip title={moment(at)}>
      <time dateTime={new Date(at).toISOString()} style={{ whiteSpace: "nowrap" }}>
        {exact ? clock(at) : ago(at)}
      </time>
    </Tooltip>
  );
}

/** The time now, again and again. `every`: milliseconds; without it, once. */
export function useTick(every: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (every === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
