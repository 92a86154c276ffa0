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
 * An answer's text. HTML in it is text, links lead only where the web does, and images aren't loaded: whoever made the
 * text can't learn that somebody reads it.
 */
const Markdown = memo(function Markdown({ children, cited, open }: MarkdownProps) {
  const components: Components = {
    a: ({ href, children: inner }) => {
      const number = /^#citation-(\d+)$/.exec(href ?? "")?.[1];
      if (number && open) return <button type="button" className={styles["cite"]} onClick={() => open(Number(number))}>{number}</button>;
      return href ? <a href={href} target="_blank" rel="noopener noreferrer nofollow">{inner}</a> : <span>{inner}</span>;
    },
    img: ({ src, alt }) => (typeof src === "string" && src ? <a href={src} target="_blank" rel="noopener noreferrer nofollow">{alt || src}</a> : <span>{alt}</span>),
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
      <ReactMarkdown remarkPlugins={[remarkGfm, [remarkCitations, cited ?? []]]} components={components} urlTransform={defaultUrlTransform} skipHtml={false}>
        {children}
      </ReactMarkdown>
    </div>
  );
});

export default Markdown;
