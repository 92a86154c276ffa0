import { Skeleton } from "antd";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed } from "./Nothing";

interface LoadedProps<Data> {
  readonly answer: Pick<UseQueryResult<Data>, "data" | "error" | "isPending" | "refetch">;
  /** Lines that stand there while it is loading. */
  readonly rows?: number;
  readonly children: (data: Data) => ReactNode;
}

/** Shows an answer; before it comes its outline, and when it doesn't the reason. What was there stays there meanwhile. */
export function Loaded<Data>({ answer, rows = 4, children }: LoadedProps<Data>) {
  if (answer.data !== undefined) return <>{children(answer.data)}</>;
  if (answer.error) return <Failed error={answer.error} retry={answer.refetch} />;
  return (
    <div style={{ padding: 16 }} aria-busy="true">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
