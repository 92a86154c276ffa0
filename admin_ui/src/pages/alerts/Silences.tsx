import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { When } from "../../components/When";
import { useAction, type Schema } from "../../hub/api";
import styles from "./Alerts.module.css";

interface SilencesProps {
  readonly answer: UseQueryResult<Schema<"SilenceList">>;
  /** Begins a new one; not for who may make none. */
  readonly make: (() => void) | undefined;
}

/** The silences in force: whom they cover, until when, and why. */
export function Silences({ answer, make }: SilencesProps) {
  const { t } = useTranslation("alerts");
  const lift = useAction((api, silence: string) => api.delete("/api/alerts/silences/{silence}", { params: { silence } }), {
    stale: ["/api/alerts/silences", "/api/alerts"],
    done: t("silence.lifted"),
  });
  return (
    <Panel title={t("silence.inForce")} actions={make && <Button onClick={make}>{t("action.newSilence")}</Button>} flush>
      <Loaded answer={answer}>
        {({ silences }) =>
          silences.length ? (
            <ul className={styles["cards"]}>
              {silences.map(({ id, matchers, until, by, comment, created }) => (
                <li key={id} className={styles["silence"]}>
                  <div>
                    <div className={styles["matchers"]}>
                      {Object.entries(matchers).map(([name, value]) => <code key={name} className={styles["label"]}>{name}={value}</code>)}
                    </div>
                    {comment && <p>{comment}</p>}
                    <p className="soft">
                      {until ? <>{t("silence.until")} <When at={until} /></> : t("silence.forEver")} · {created ? t("silence.by", { by }) : t("silence.configured")}
                    </p>
                  </div>
                  {make && created && (
                    <Popconfirm title={t("silence.liftAsk")} okText={t("action.lift")} onConfirm={() => lift.mutateAsync(id).catch(() => {})}>
                      <Button size="small">{t("action.lift")}</Button>
                    </Popconfirm>
                  )}
                </li>
              ))}
            </ul>
          ) : (
            <Nothing height={140}>{t("silence.none")}</Nothing>
          )
        }
      </Loaded>
    </Panel>
  );
}
