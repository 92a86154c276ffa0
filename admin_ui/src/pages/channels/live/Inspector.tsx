import { CloseOutlined, SendOutlined } from "@ant-design/icons";
import { Button, Drawer, Grid, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Publication } from "tocsin-client";
import { CopyButton } from "../../../components/CopyButton";
import { Facts } from "../../../components/Facts";
import { Json } from "../../../components/Json";
import { milliseconds, MISSING, moment } from "../../../format";
import { useSession } from "../../../hub/session";
import { curlOf } from "./curl";
import styles from "./Inspector.module.css";
import { delayOf } from "./MessageList";
import { hasRounded, positionText } from "./stream";
import { visible } from "./text";

interface InspectorProps {
  readonly message: Publication;
  readonly arrived?: number | undefined;
  /** The channel takes keys from publishers. */
  readonly keyed: boolean;
  /** Publishes something like it; absent where nobody here may publish. */
  readonly again?: ((message: Publication) => void) | undefined;
  close(): void;
}

/** A list with a message beside it, or over it where there is no room beside. */
export function Beside({ children, inspector, close, title }: { readonly children: ReactNode; readonly inspector: ReactNode; readonly title: string; close(): void }) {
  const { lg } = Grid.useBreakpoint();
  return (
    <div className={styles["beside"]} data-open={!!inspector && lg}>
      <div className={styles["main"]}>{children}</div>
      {lg ? inspector : <Drawer open={!!inspector} onClose={close} placement="bottom" height="75%" title={title} closable={false} styles={{ header: { display: "none" }, body: { padding: 0 } }}>{inspector}</Drawer>}
    </div>
  );
}

/** One message in full. It stays while the list goes on, also when it has left the list. */
export function Inspector({ message, arrived, keyed, again, close }: InspectorProps) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation();
  const { signedIn } = useSession();
  const { type, data, timestamp, key } = message;
  const curl = () => curlOf(message, { hub: new URL("..", document.baseURI).href, token: signedIn, keyed });
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("inspect.position"), positionText(message) ?? t("inspect.noPosition")],
    [t("inspect.published"), <Tooltip key="time" title={timestamp}><time dateTime={timestamp}>{moment(timestamp)}</time></Tooltip>],
    ...(arrived === undefined ? [] : [[t("inspect.delay"), <Tooltip key="delay" title={t("inspect.delayAbout")}><span>{milliseconds(delayOf(timestamp, arrived)) ?? MISSING}</span></Tooltip>] as const]),
    ...(key === undefined ? [] : [[t("inspect.key"), key] as const]),
  ];
  return (
    <aside className={styles["inspector"]} aria-label={t("inspect.title")} data-testid="inspector">
      <header className={styles["head"]}>
        <h3>{visible(type)}</h3>
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={common("action.close")} onClick={close} />
      </header>
      <Facts items={facts} />
      <div className={styles["actions"]}>
        <CopyButton label={t("inspect.copyJson")} text={() => JSON.stringify(data, null, 2)} />
        <CopyButton label={t("inspect.copyCurl")} text={curl} />
        {again && <Button size="small" icon={<SendOutlined />} onClick={() => again(message)}>{t("inspect.again")}</Button>}
      </div>
      {hasRounded(data) && <p className={styles["rounded"]}>{t("inspect.rounded")}</p>}
      <div className={styles["data"]} tabIndex={0} role="region" aria-label={t("inspect.data")}><Json value={data} /></div>
    </aside>
  );
}
