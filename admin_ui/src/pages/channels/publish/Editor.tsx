import { forwardRef, useImperativeHandle, useRef } from "react";
import styles from "./Editor.module.css";
import { placeOf, type Span } from "./jsonText";

/** Pixels of a line and of the space above the first; the style sheet has the same. */
const LINE = 20;
const ABOVE = 10;

/** Lines that get a number: more, and the numbers cost more than they tell. */
const NUMBERED = 5_000;

export interface EditorHandle {
  /** Selects a part and brings it into view. */
  show(span: Span): void;
}

interface EditorProps {
  readonly id: string;
  readonly value: string;
  readonly describedBy: string;
  /** Lines where something is wrong, from 1. */
  readonly marks: ReadonlySet<number>;
  readonly label: string;
  change(value: string): void;
}

/** A field for JSON, with the numbers of its lines. Tab leaves it, as it leaves every field. */
export const Editor = forwardRef<EditorHandle, EditorProps>(function Editor({ id, value, describedBy, marks, label, change }, handle) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  useImperativeHandle(handle, () => ({
    show: ([from, to]) => {
      const field = area.current;
      if (!field) return;
      field.focus();
      field.setSelectionRange(from, to);
      field.scrollTop = (placeOf(field.value, from).line - 4) * LINE;
    },
  }), []);
  const lines = Math.min(value.split("\n").length, NUMBERED);
  return (
    <div className={styles["editor"]} data-wrong={marks.size > 0}>
      <div ref={gutter} className={styles["gutter"]} aria-hidden="true">
        <pre>{Array.from({ length: lines }, (_, at) => at + 1).join("\n")}</pre>
        {[...marks].filter((line) => line <= lines).map((line) => <i key={line} style={{ top: ABOVE + (line - 1) * LINE }} />)}
      </div>
      <textarea
        ref={area}
        id={id}
        className={styles["area"]}
        value={value}
        onChange={({ target }) => change(target.value)}
        onScroll={({ currentTarget }) => gutter.current && (gutter.current.scrollTop = currentTarget.scrollTop)}
        aria-label={label}
        aria-invalid={marks.size > 0}
        aria-describedby={describedBy}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        wrap="off"
        rows={14}
      />
    </div>
  );
});
