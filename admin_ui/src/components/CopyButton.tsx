import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Button, Tooltip, type ButtonProps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

interface CopyButtonProps extends Omit<ButtonProps, "onClick"> {
  /** What is copied, or what makes it. */
  readonly text: string | (() => string);
  /** A word on the button; unless told it has only its sign. */
  readonly label?: string;
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, ...button }: CopyButtonProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<boolean>();
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await written(typeof text === "function" ? text() : text));
  const title = copied === undefined ? (label ?? t("action.copy")) : copied ? t("action.copied") : t("action.copyFailed");
  return (
    <Tooltip title={title}>
      <Button size="small" type={label ? "default" : "text"} {...button} aria-label={title} icon={copied ? <CheckOutlined /> : <CopyOutlined />} onClick={() => void copy()}>
        {label}
      </Button>
    </Tooltip>
  );
}

/** Writes to the clipboard, also where a page without TLS may only do so by way of a selection. */
async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
