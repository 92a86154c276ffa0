import { lazy, memo, Suspense, type ReactNode } from "react";
import ReactMarkdown, { defaultUrlTransform, type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { remarkCitations } from "./citations";
import styles from "./Markdown.module.css";

const Code = lazy(() => import("./Code"));

interface MarkdownProps {
  readonly children: string;
  /** Numbers that stand for a citation: `[1]` is a button there. */
  readonly cited?: readonly number[] | undefined;
  readonly open?: ((number: number) => void) | undefined;
}

/**
 * An answer's text. Its headings are below those of the page. HTML in it is text, links lead only where the web does, and images aren't loaded: whoever made the
 * text can't learn that somebody reads it.
 */
const Markdown = memo(function Markdown({ children, cited, open }: MarkdownProps) {
  const components: Components = {
    a: ({ href, children: inner }) => {
      const number = /^#citation-(\d+)$/.exec(href ?? "")?.[1];
      if (number && open) return <button type="button" className={styles["cite"]} onClick={() => open(Number(number))}>{number}</button>;
      // A place in the text itself, as notes have it: in the page's address it would be another page.
      if (href?.startsWith("#")) return href.startsWith("#user-content-fnref") ? null : <>{inner}</>;
      return href ? <a href={href} target="_blank" rel="noopener noreferrer nofollow">{inner}</a> : <span>{inner}</span>;
    },
    img: ({ src, alt }) => (typeof src === "string" && src ? <a href={src} target="_blank" rel="noopener noreferrer nofollow">{alt || src}</a> : <span>{alt}</span>),
    section: ({ className, children: inner }) => <section className={className === "footnotes" ? styles["notes"] : undefined}>{inner}</section>,
    h1: ({ children: inner }) => <h3 data-level={1}>{inner}</h3>,
    h2: ({ children: inner }) => <h3 data-level={2}>{inner}</h3>,
    h3: ({ children: inner }) => <h4>{inner}</h4>,
    h4: ({ children: inner }) => <h5>{inner}</h5>,
    h5: ({ children: inner }) => <h6>{inner}</h6>,
    input: ({ checked }) => <span>{checked ? "☑" : "☐"}</span>,
    pre: ({ children: inner }) => <>{inner}</>,
    code: ({ className, children: inner }) => {
      const text = String(inner as ReactNode);
      const language = /language-(\S+)/.exec(className ?? "")?.[1];
      if (!language && !text.includes("\n")) return <code>{inner}</code>;
      return (
        <Suspense fallback={<pre className={styles["plain"]}><code>{text}</code></pre>}>
          <Code text={text.replace(/\n$/, "")} language={language} />
        </Suspense>
      );
    },
    table: ({ children: inner }) => <div className={styles["table"]} tabIndex={0} role="region"><table>{inner}</table></div>,
  };
  return (
    <div className={styles["text"]}>
      <ReactMarkdown remarkPlugins={[remarkGfm, [remarkCitations, cited ?? []]]} components={components} urlTransform={defaultUrlTransform} skipHtml={false} remarkRehypeOptions={NOTES}>
        {children}
      </ReactMarkdown>
    </div>
  );
});

/** Notes stand below a line: their heading isn't one of the page, and isn't shown. */
const NOTES = { footnoteLabelTagName: "p" };

export default Markdown;
