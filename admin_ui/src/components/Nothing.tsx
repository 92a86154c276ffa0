import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { HubError } from "tocsin-client";
import { errorText } from "../hub/errors";
import { CopyButton } from "./CopyButton";
import styles from "./Nothing.module.css";

interface NothingProps {
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Pixels that the area has at least. */
  readonly height?: number;
}

/** Says that there is nothing, and why, and what to do. */
export function Nothing({ title, children, action, height = 160 }: NothingProps) {
  return (
    <div className={styles["nothing"]} style={{ minHeight: height }}>
      {title && <p className={styles["title"]}>{title}</p>}
      {children && <div className="soft">{children}</div>}
      {action}
    </div>
  );
}

/** Says how to switch on what isn't there: `snippet` is a piece of configuration, or a command. */
export function SwitchOn({ title, children, snippet }: { readonly title: string; readonly children: ReactNode; readonly snippet: string }) {
  return (
    <Nothing title={title} height={220} action={<Snippet>{snippet}</Snippet>}>
      {children}
    </Nothing>
  );
}

/** A piece of text to copy. */
export function Snippet({ children }: { readonly children: string }) {
  return (
    <div className={styles["snippet"]}>
      <pre tabIndex={0}>{children}</pre>
      <CopyButton text={children} />
    </div>
  );
}

/** Says what went wrong, and tries again when asked. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => unknown }) {
  const { t } = useTranslation();
  const denied = error instanceof HubError && error.code === "permission_denied";
  return (
    <div role="alert">
      <Nothing
        title={denied ? t("error.operatorsOnly") : t("error.title")}
        action={retry && <Button onClick={() => void retry()}>{t("action.retry")}</Button>}
      >
        {errorText(error, t)}
      </Nothing>
    </div>
  );
}
