import { Skeleton } from "antd";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { HubError } from "tocsin-client";
import { Failed } from "./Nothing";

interface LoadedProps<Data> {
  readonly answer: Pick<UseQueryResult<Data>, "data" | "error" | "isPending" | "refetch">;
  /** Lines that stand there while it is loading. */
  readonly rows?: number;
  /** Stands there when the hub says that there is no such thing, because that part of it is off. */
  readonly off?: ReactNode;
  readonly children: (data: Data) => ReactNode;
}

/** Shows an answer; before it comes its outline, and when it doesn't the reason. What was there stays there meanwhile. */
export function Loaded<Data>({ answer, rows = 4, off, children }: LoadedProps<Data>) {
  if (answer.data !== undefined) return <>{children(answer.data)}</>;
  if (off && isOff(answer.error)) return <>{off}</>;
  if (answer.error) return <Failed error={answer.error} retry={answer.refetch} />;
  return (
    <div style={{ padding: 16 }} aria-busy="true">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

/** Whether the hub answers that it hasn't got what was asked for. */
export const isOff = (error: unknown): boolean => error instanceof HubError && error.code === "not_found";
