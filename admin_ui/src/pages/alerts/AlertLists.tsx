import { CheckCircleOutlined, SearchOutlined } from "@ant-design/icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { useAddress } from "../../components/useAddress";
import { count } from "../../format";
import type { Schema } from "../../hub/api";
import { AlertCard } from "./AlertCard";
import styles from "./Alerts.module.css";
import { matchersFor, SEVERITIES, sorted, wantedOf, type AlertState } from "./alerts";
import type { SilenceDraft } from "./SilenceForm";

interface AlertListsProps {
  readonly answer: UseQueryResult<Schema<"AlertList">>;
  /** Begins a silence; not for who may make none. */
  readonly silence: ((draft: SilenceDraft) => void) | undefined;
}

/** What fires, and below it what has been resolved of late. */
export function AlertLists({ answer, silence }: AlertListsProps) {
  const { t } = useTranslation("alerts");
  const [text, setText] = useAddress("text");
  const [severity, setSeverity] = useAddress("severity");
  const begin = silence && ((alert: AlertState) => silence({ matchers: matchersFor(alert) }));
  const severities = [{ value: "", label: t("filter.anySeverity") }, ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))];
  return (
    <div className={styles["lists"]}>
      <div className={styles["filters"]}>
        <Input data-search allowClear prefix={<SearchOutlined aria-hidden />} aria-label={t("filter.search")} placeholder={t("filter.search")} value={text} onChange={({ target }) => setText(target.value)} />
        <Select aria-label={t("filter.severity")} value={severity} onChange={setSeverity} options={severities} popupMatchSelectWidth={false} />
      </div>
      <Loaded answer={answer}>
        {(found) => {
          const { open, resolved } = sorted(wantedOf(found.alerts, { text, severity }));
          const filtered = Boolean(text || severity);
          return (
            <>
              <Partial answer={found} />
              <Panel title={t("open.title")} note={count(open.length)} flush>
                <Cards alerts={open} silence={begin}>
                  {filtered ? t("open.none") : <Calm />}
                </Cards>
              </Panel>
              <Panel title={t("resolved.title")} note={count(resolved.length)} flush>
                <Cards alerts={resolved} silence={undefined}>{t("resolved.none")}</Cards>
              </Panel>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

interface CardsProps {
  readonly alerts: readonly AlertState[];
  readonly silence: ((alert: AlertState) => void) | undefined;
  readonly children: React.ReactNode;
}

function Cards({ alerts, silence, children }: CardsProps) {
  if (!alerts.length) return <Nothing height={120}>{children}</Nothing>;
  return (
    <ul className={styles["cards"]}>
      {alerts.map((alert) => (
        <li key={alert.alert_id ?? `${alert.name} ${alert.owner} ${alert.started_at}`}>
          <AlertCard alert={alert} silence={silence} />
        </li>
      ))}
    </ul>
  );
}

function Calm() {
  const { t } = useTranslation("alerts");
  return (
    <span className={styles["calm"]}>
      <CheckCircleOutlined aria-hidden /> {t("open.calm")}
    </span>
  );
}
