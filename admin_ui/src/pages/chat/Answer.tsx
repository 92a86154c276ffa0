import { EyeOutlined, RedoOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { lazy, memo, Suspense, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { CopyButton } from "../../components/CopyButton";
import { usePaced } from "../../components/usePaced";
import { When } from "../../components/When";
import type { Citation, Message } from "../../hub/my";
import { isOpen, type LiveRun } from "./conversation";
import { Face } from "../../components/Face";
import styles from "./Lines.module.css";

const Markdown = lazy(() => import("./Markdown"));

/** Milliseconds between two renderings of an answer that grows. */
const PACE = 60;

interface AnswerProps {
  /** Absent while it comes, and when there is none. */
  readonly message: Message | undefined;
  /** Absent where nothing is to be told of it. */
  readonly run: LiveRun | undefined;
  readonly cite: (citation: Citation) => void;
  readonly trace: (run: string) => void;
  readonly retry: (run: string) => void;
  readonly retries: boolean;
}

/** What an agent answers: as it comes, as it is, or why there is none. */
export const Answer = memo(function Answer({ message, run, cite, trace, retry, retries }: AnswerProps) {
  const { t } = useTranslation("chat");
  const agent = message?.agent_name || run?.agent || t("line.noAgent");
  const open = run !== undefined && isOpen(run) && !message;
  const id = run?.id ?? message?.run_id ?? undefined;
  const ended = run && !isOpen(run) && run.status !== "completed" ? run : undefined;
  const partial = message?.status === "partial" && !ended;
  const text = usePaced(message?.content ?? run?.text ?? "", open ? PACE : 0);
  const shown = message?.content ?? text;
  const citations = message?.citations ?? NONE;
  const numbers = useMemo(() => citations.map(({ number }) => number), [citations]);
  const openNumber = useCallback(
    (number: number) => {
      const found = citations.find((one) => one.number === number);
      if (found) cite(found);
    },
    [citations, cite],
  );
  return (
    <article className={styles["answer"]} aria-label={t("line.answerOf", { agent })} aria-busy={open} data-status={run?.status ?? "completed"}>
      <Face name={agent} />
      <div className={styles["said"]}>
        <header>
          <strong>{agent}</strong>
          {message && <span className={styles["note"]}><When at={message.created_at} /></span>}
          {open && <State run={run} />}
        </header>
        <Quiet run={run} />
        {shown ? (
          <div className={styles["text"]} data-growing={open}>
            <Suspense fallback={<p className={styles["raw"]}>{shown}</p>}>
              <Markdown cited={numbers} open={openNumber}>{shown}</Markdown>
            </Suspense>
          </div>
        ) : (
          open && run.status === "running" && <p className={styles["thinking"]} aria-hidden="true"><i /><i /><i /></p>
        )}
        {ended && <End run={ended} />}
        {partial && <p className={styles["quiet"]}>{t("line.partial")}</p>}
        {citations.length > 0 && (
          <ul className={styles["citations"]} aria-label={t("line.citations")}>
            {citations.map((one) => (
              <li key={one.number}>
                <button type="button" onClick={() => cite(one)} title={one.text}>
                  <b>{one.number}</b> <span>{one.text}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {!open && (
          <footer className={styles["actions"]}>
            {message && <CopyButton text={message.content} />}
            {id && <Tooltip title={t("line.trace")}><Button size="small" type="text" icon={<EyeOutlined />} aria-label={t("line.trace")} onClick={() => trace(id)} /></Tooltip>}
            {ended && <Button size="small" icon={<RedoOutlined />} loading={retries} onClick={() => retry(ended.id)}>{t("line.retry")}</Button>}
          </footer>
        )}
      </div>
    </article>
  );
});

const NONE: readonly Citation[] = [];

/** What a run is doing, in a word. */
function State({ run: { status, ahead, text } }: { readonly run: LiveRun }) {
  const { t } = useTranslation("chat");
  if (status === "running") return <Badge tone="info" dot>{text ? t("state.writing") : t("state.running")}</Badge>;
  return <Badge tone="plain" dot>{ahead ? t("state.ahead", { count: ahead }) : t(`state.${status}`)}</Badge>;
}

/** What happened on the way, in small quiet lines. */
function Quiet({ run }: { readonly run: LiveRun | undefined }) {
  const { t } = useTranslation("chat");
  if (!run) return null;
  return (
    <>
      {run.retrieved && run.retrieved.count > 0 && <p className={styles["quiet"]}>{t("line.retrieved", { count: run.retrieved.count })}</p>}
      {run.retries.map(({ model, reason }, at) => <p key={at} className={styles["quiet"]}>{t("line.retried", { model, reason })}</p>)}
    </>
  );
}

/** Why an answer ended before it was whole. */
function End({ run: { status, reason, error } }: { readonly run: LiveRun }) {
  const { t } = useTranslation("chat");
  if (status === "cancelled") return <p className={styles["quiet"]}>{reason === "steered" ? t("line.steered") : t("line.stopped")}</p>;
  return (
    <p className={styles["error"]} role="alert">
      <strong>{status === "interrupted" ? t("line.interrupted") : t("line.failed")}</strong>
      {error?.message && <span>{error.message}</span>}
    </p>
  );
}
