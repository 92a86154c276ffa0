import { ArrowDownOutlined } from "@ant-design/icons";
import { Button, Spin } from "antd";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Line } from "./conversation";
import styles from "./Lines.module.css";

/** Lines that are there at once: at first, one step more or less, and at most. */
const [FIRST, STEP, MOST] = [60, 40, 200];

/** Pixels from an end within which somebody is at it. */
const NEAR_END = 48;
const NEAR_TOP = 400;

interface LinesProps {
  readonly lines: readonly Line[];
  readonly hasOlder: boolean;
  readonly readsOlder: boolean;
  readonly readOlder: () => unknown;
  /** Messages on their way: whoever sends one looks at it. */
  readonly sent: number;
  readonly tail: ReactNode;
  readonly empty: ReactNode;
  readonly children: (line: Line) => ReactNode;
}

/**
 * The lines of a conversation, the newest at the bottom, of which a window exists. Who is at the end stays there; who looks
 * at older ones keeps the place, whatever comes above or below.
 */
export function Lines({ lines, hasOlder, readsOlder, readOlder, sent, tail, empty, children }: LinesProps) {
  const { t } = useTranslation("chat");
  const place = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLOListElement>(null);
  const [follows, setFollows] = useState(true);
  /** Lines before the end where the window begins. */
  const [from, setFrom] = useState(FIRST);
  const anchor = useRef<{ readonly key: string; readonly top: number }>();
  const following = useRef(true);
  following.current = follows;
  /** Where this put the view while it follows. What grows meanwhile is no reason to stop; who scrolls up is. */
  const put = useRef(0);
  const begin = Math.max(0, lines.length - from);
  const end = Math.min(lines.length, begin + MOST);
  const cut = end < lines.length;
  const settle = useCallback(() => {
    const box = place.current;
    if (!box) return;
    if (following.current) {
      box.scrollTop = box.scrollHeight;
      put.current = box.scrollTop;
      return;
    }
    const found = anchor.current && [...(inner.current?.children ?? [])].find((child) => (child as HTMLElement).dataset["key"] === anchor.current?.key);
    if (found && anchor.current) box.scrollTop += found.getBoundingClientRect().top - box.getBoundingClientRect().top - anchor.current.top;
  }, []);
  useLayoutEffect(settle);
  useEffect(() => {
    if (!inner.current) return;
    const sized = new ResizeObserver(settle);
    sized.observe(inner.current);
    if (place.current) sized.observe(place.current);
    return () => sized.disconnect();
  }, [settle]);
  const newest = useCallback(() => {
    anchor.current = undefined;
    setFrom(FIRST);
    setFollows(true);
    following.current = true;
    settle();
  }, [settle]);
  useEffect(() => {
    if (sent) newest();
  }, [sent, newest]);
  const scrolled = () => {
    const box = place.current;
    if (!box) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (following.current && below >= NEAR_END && box.scrollTop >= put.current) return settle();
    const atEnd = below < NEAR_END && !cut;
    following.current = atEnd;
    setFollows(atEnd);
    const edge = box.getBoundingClientRect().top;
    const first = [...(inner.current?.children ?? [])].find((child) => child.getBoundingClientRect().bottom > edge) as HTMLElement | undefined;
    const key = first?.dataset["key"];
    anchor.current = first && key ? { key, top: first.getBoundingClientRect().top - edge } : undefined;
    if (atEnd) setFrom((last) => Math.min(last, Math.max(FIRST, STEP)));
    else if (cut && below < NEAR_TOP) setFrom((last) => last - STEP);
    else if (box.scrollTop < NEAR_TOP) {
      if (begin > 0) setFrom((last) => Math.min(lines.length, last + STEP));
      else if (hasOlder && !readsOlder) {
        setFrom(lines.length + STEP);
        void readOlder();
      }
    }
  };
  return (
    <div className={styles["around"]}>
      <div ref={place} className={styles["place"]} role="log" aria-live="off" aria-label={t("talk.messages")} tabIndex={0} onScroll={scrolled}>
        {(readsOlder || (hasOlder && begin === 0)) && <div className={styles["older"]}>{readsOlder ? <Spin size="small" /> : <Button size="small" type="text" onClick={() => void readOlder()}>{t("talk.older")}</Button>}</div>}
        {empty}
        <ol ref={inner} className={styles["lines"]}>
          {lines.slice(begin, end).map((line) => <li key={line.key} data-key={line.key}>{children(line)}</li>)}
          {!cut && sent > 0 && <li>{tail}</li>}
        </ol>
      </div>
      {!follows && lines.length > 0 && <Button className={styles["newest"] ?? ""} shape="round" icon={<ArrowDownOutlined />} onClick={() => { newest(); place.current?.focus(); }}>{t("talk.newest")}</Button>}
    </div>
  );
}
