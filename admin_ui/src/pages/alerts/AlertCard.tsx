import { Button, Input, Popover, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { When } from "../../components/When";
import { measure, seconds } from "../../format";
import { useAction } from "../../hub/api";
import { useSession } from "../../hub/session";
import styles from "./Alerts.module.css";
import { SEVERITY_TONES, webLink, type AlertState } from "./alerts";

interface AlertCardProps {
  readonly alert: AlertState;
  readonly silence: ((alert: AlertState) => void) | undefined;
}

/** One alert: what is wrong, since when, who is at it, and what can be done. */
export function AlertCard({ alert, silence }: AlertCardProps) {
  const { t } = useTranslation("alerts");
  const runbook = webLink(alert.runbook_url);
  return (
    <article className={styles["card"]} data-severity={alert.severity} data-status={alert.status}>
      <header>
        <Badge tone={alert.status === "resolved" ? "plain" : SEVERITY_TONES[alert.severity]} dot={alert.status === "firing"}>
          {t(`severity.${alert.severity}`)}
        </Badge>
        <strong className="mono">{alert.name}</strong>
        {alert.status === "pending" && <Badge>{t("status.pending")}</Badge>}
        {alert.silenced_by.length > 0 && <Badge>{t("status.silenced")}</Badge>}
        {alert.acknowledged && <Acknowledged {...alert.acknowledged} />}
        <span className={styles["time"]}><Duration alert={alert} /></span>
      </header>
      <p>{alert.summary}</p>
      {alert.description && <p className="soft">{alert.description}</p>}
      <footer>
        <Measured alert={alert} />
        {Object.entries(alert.labels).map(([name, value]) => <code key={name} className={styles["label"]}>{name}={value}</code>)}
        {alert.source && <span className="soft">{t("card.source", { source: alert.source })}</span>}
        {runbook && <a href={runbook} target="_blank" rel="noreferrer noopener">{t("card.runbook")}</a>}
        <span className={styles["actions"]}>
          {alert.status === "firing" && alert.alert_id && <Acknowledge id={alert.alert_id} again={alert.acknowledged !== undefined} />}
          {alert.status !== "resolved" && silence && <Button size="small" onClick={() => silence(alert)}>{t("action.silence")}</Button>}
        </span>
      </footer>
    </article>
  );
}

function Duration({ alert: { status, started_at, ended_at, reason } }: { readonly alert: AlertState }) {
  const { t } = useTranslation("alerts");
  if (status !== "resolved" || !ended_at) return <When at={started_at} />;
  const lasted = (Date.parse(ended_at) - Date.parse(started_at)) / 1000;
  return (
    <>
      <When at={ended_at} /> · {t("card.lasted", { time: seconds(lasted) })}
      {reason && ` · ${t(`reason.${reason}`)}`}
    </>
  );
}

function Measured({ alert: { value, threshold, unit = "", metric } }: { readonly alert: AlertState }) {
  const { t } = useTranslation("alerts");
  if (value === undefined && threshold === undefined) return null;
  const said = t("card.measured", { value: measure(value), threshold: measure(threshold), unit });
  return <Tooltip title={metric}><span className={styles["measured"]}>{said}</span></Tooltip>;
}

function Acknowledged({ by, at, note }: NonNullable<AlertState["acknowledged"]>) {
  const { t } = useTranslation("alerts");
  return (
    <span className={styles["acknowledged"]}>
      <Badge tone="info">{t("status.acknowledged", { by })}</Badge>
      <span className="soft"><When at={at} />{note && `: ${note}`}</span>
    </span>
  );
}

function Acknowledge({ id, again }: { readonly id: string; readonly again: boolean }) {
  const { t } = useTranslation("alerts");
  const { operator } = useSession();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const act = useAction((api, body: { note: string }) => api.post("/api/alerts/{alert}/acknowledge", { params: { alert: id }, body }), {
    stale: ["/api/alerts"],
    done: t("acknowledge.done"),
  });
  if (!operator) return null;
  const send = () => act.mutate({ note }, { onSuccess: () => setOpen(false) });
  const form = (
    <form className={styles["note"]} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Input autoFocus aria-label={t("acknowledge.note")} placeholder={t("acknowledge.note")} maxLength={500} value={note} onChange={({ target }) => setNote(target.value)} />
      <Button type="primary" htmlType="submit" loading={act.isPending}>{t("action.acknowledge")}</Button>
    </form>
  );
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" content={form} destroyOnHidden>
      <Button size="small" type={again ? "default" : "primary"} ghost={!again}>{t(again ? "action.acknowledgeAgain" : "action.acknowledge")}</Button>
    </Popover>
  );
}
