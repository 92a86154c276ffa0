import { ArrowUpOutlined, BorderOutlined } from "@ant-design/icons";
import { Button, Select, Segmented, Tooltip } from "antd";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMember } from "../../hub/member";
import type { Agent } from "../../hub/my";
import styles from "./Composer.module.css";
import { draftOf, keepDraft } from "./drafts";
import { Face } from "../../components/Face";
import { begunAt, calls, completed, fitting, type Begun } from "./mentions";
import type { Asked } from "./useSending";

interface ComposerProps {
  /** Whose draft it is; "new" for one that isn't begun. */
  readonly session: string;
  readonly agents: readonly Agent[];
  /** Who is asked, unless the text calls somebody. */
  readonly target: string | undefined;
  readonly choose: (agent: string) => void;
  /** Something is being answered now: what is sent waits for it, or goes first. */
  readonly active: boolean;
  readonly focused?: boolean;
  /** What couldn't be sent, to be written anew: each once. */
  readonly given?: { readonly content: string } | undefined;
  readonly busy?: boolean;
  readonly send: (asked: Asked) => unknown;
  readonly stop?: () => void;
}

/** Where a message is written. Enter sends, Shift+Enter makes a new line, `@` completes names. */
export function Composer({ session, agents, target, choose, active, focused = false, given, busy = false, send, stop }: ComposerProps) {
  const { t } = useTranslation("chat");
  const { subject } = useMember();
  const [text, setText] = useState(() => draftOf(subject, session));
  const [policy, setPolicy] = useState<"queue" | "steer">("queue");
  const [begun, setBegun] = useState<Begun>();
  const [at, setAt] = useState(0);
  const caret = useRef<number>();
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const names = begun ? fitting(agents, begun.query) : [];
  useEffect(() => keepDraft(subject, session, text), [subject, session, text]);
  useEffect(() => {
    if (focused) area.current?.focus();
  }, [focused]);
  useEffect(() => {
    if (!given) return;
    setText((since) => (since.trim() ? `${given.content}\n${since}` : given.content));
    area.current?.focus();
  }, [given]);
  useLayoutEffect(() => {
    const place = area.current;
    if (!place) return;
    place.style.height = "0";
    place.style.height = `${Math.min(place.scrollHeight, 260)}px`;
    if (caret.current === undefined) return;
    place.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);
  const look = () => {
    const place = area.current;
    const found = place && place.selectionStart === place.selectionEnd ? begunAt(place.value, place.selectionStart) : undefined;
    setBegun((last) => (last?.start === found?.start && last?.query === found?.query ? last : found));
    if (found?.query !== begun?.query) setAt(0);
  };
  const take = (name: string) => {
    if (!begun) return;
    const done = completed(text, begun, name);
    caret.current = done.caret;
    setText(done.text);
    setBegun(undefined);
    area.current?.focus();
  };
  const submit = async () => {
    const content = text.trim();
    if (!content || busy) return;
    setBegun(undefined);
    setText("");
    keepDraft(subject, session, "");
    area.current?.focus(); // the button that was pressed is off now
    try {
      await send({ content, target: calls(content) ? undefined : target, policy });
    } catch {
      setText((since) => since || content); // it was told what failed; nothing written is lost
    }
  };
  const pressed = (event: KeyboardEvent) => {
    // While an input method composes, Enter and the arrows are its own. (Safari tells it by the key code alone.)
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const name = names[at]?.name;
    if (name !== undefined) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step) setAt((at + step + names.length) % names.length);
      else if (event.key === "Enter" || event.key === "Tab") take(name);
      else if (event.key === "Escape") setBegun(undefined);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void submit();
  };
  const called = calls(text);
  const options: { value: string; label: ReactNode }[] = called
    ? [{ value: "", label: t("composer.called") }]
    : agents.map(({ id, name }) => ({ value: id, label: <span className={styles["option"]}><Face name={name} size={18} /> {name}</span> }));
  return (
    <div className={styles["composer"]}>
      {names.length > 0 && (
        <ul id={list} role="listbox" aria-label={t("composer.agents")} className={styles["names"]}>
          {names.map(({ id, name, config }, index) => (
            <li key={id} id={`${list}-${index}`} role="option" aria-selected={index === at} onPointerMove={() => setAt(index)} onPointerDown={(event) => { event.preventDefault(); take(name); }}>
              <Face name={name} size={24} /> <strong>{name}</strong> <span>{config.description}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={styles["box"]}>
        <textarea
          ref={area}
          rows={1}
          value={text}
          aria-label={t("composer.message")}
          placeholder={t("composer.placeholder")}
          maxLength={100_000}
          aria-autocomplete="list"
          aria-controls={names.length ? list : undefined}
          aria-activedescendant={names.length ? `${list}-${at}` : undefined}
          onChange={({ target: { value } }) => { setText(value); look(); }}
          onKeyDown={pressed}
          onSelect={look}
          onBlur={() => setBegun(undefined)}
        />
        <div className={styles["bar"]}>
          <Select
            variant="borderless"
            size="small"
            className={styles["target"] ?? ""}
            popupMatchSelectWidth={false}
            aria-label={t("composer.agent")}
            disabled={called}
            value={called ? "" : (target ?? null)}
            onChange={choose}
            options={options}
          />
          {active && (
            <Tooltip title={t(`composer.policyAbout.${policy}`)}>
              <Segmented size="small" aria-label={t("composer.policy")} value={policy} onChange={setPolicy} options={[{ value: "queue", label: t("composer.queue") }, { value: "steer", label: t("composer.steer") }]} />
            </Tooltip>
          )}
          <span className={styles["hint"]}>{t("composer.hint")}</span>
          {active && stop && (
            <Tooltip title={t("composer.stopKey")}>
              <Button shape="circle" icon={<BorderOutlined />} aria-label={t("composer.stop")} aria-keyshortcuts="Escape" onClick={() => { stop(); area.current?.focus(); }} className={styles["stop"] ?? ""} />
            </Tooltip>
          )}
          <Button type="primary" shape="circle" icon={<ArrowUpOutlined />} aria-label={t("composer.send")} disabled={!text.trim()} loading={busy} onClick={() => void submit()} />
        </div>
      </div>
    </div>
  );
}
