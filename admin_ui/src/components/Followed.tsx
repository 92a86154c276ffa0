import { Alert, Skeleton } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FeedState } from "tocsin-client/feed";
import { Failed } from "./Nothing";

interface FollowedProps {
  readonly feed: Pick<FeedState, "publications" | "state" | "error" | "gaps">;
  /** Stands there when the channel holds nothing: says what would fill it. */
  readonly empty: ReactNode;
  readonly children: ReactNode;
}

/** Milliseconds that history may take to come after the hub put us on the channel. */
const SETTLING = 400;

/** What a channel says, once it said something; before that an outline, why it is empty, or why it can't be read. */
export function Followed({ feed: { publications, state, error, gaps }, empty, children }: FollowedProps) {
  const { t } = useTranslation();
  const settled = useLasting(state === "live", SETTLING);
  if (publications.length > 0) {
    return (
      <>
        {error && <Alert type="error" showIcon message={t("error.title")} />}
        {gaps.length > 0 && <Alert type="warning" showIcon closable message={t("live.gap")} />}
        {children}
      </>
    );
  }
  if (error) return <Failed error={error} />;
  if (settled) return <>{empty}</>;
  return (
    <div aria-busy="true">
      <Skeleton active title={false} paragraph={{ rows: 8 }} />
    </div>
  );
}

/** Whether something has been so for that many milliseconds. */
function useLasting(holds: boolean, time: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!holds) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), time);
    return () => clearTimeout(timer);
  }, [holds, time]);
  return lasts;
}
