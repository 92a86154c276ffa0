import { memo, useMemo, type ReactNode } from "react";
import { CopyButton } from "../../components/CopyButton";
import { highlighted, type Piece } from "./highlight";
import styles from "./Markdown.module.css";

/** Characters of code up to which it is coloured: a whole log needn't be. */
const MOST = 20_000;

/** A block of code, with its language and a button to copy it. */
export default memo(function Code({ text, language }: { readonly text: string; readonly language: string | undefined }) {
  const pieces = useMemo(() => (language && text.length < MOST ? highlighted(text, language) : undefined), [text, language]);
  return (
    <figure className={styles["code"]} data-bare={!language}>
      <figcaption>
        {language && <span>{language}</span>}
        <CopyButton text={text} />
      </figcaption>
      <pre tabIndex={0}><code>{pieces ? pieces.map(drawn) : text}</code></pre>
    </figure>
  );
});

const drawn = (piece: Piece, at: number): ReactNode =>
  typeof piece === "string" ? piece : <span key={at} data-code={piece.is}>{piece.pieces.map(drawn)}</span>;
