import { Button, Progress, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Badge } from "../../components/Badge";
import { duration, inOrder } from "../../components/jobs";
import { isOff, Loaded } from "../../components/Loaded";
import { Nothing, SwitchOn } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { Stat, Stats } from "../../components/Stat";
import { useTick, When } from "../../components/When";
import { count, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { useStale } from "../../hub/stale";
import { Ask } from "./Ask";
import { Cancel } from "./Cancel";
import { StartForm } from "./StartForm";
import { chunksOf, countsOf, STATE_TONES, totalOf, type Training } from "./training";
import { Updates } from "./Updates";

const PATHS = ["/train"] as const;
const SNIPPET = 'pip install "tocsin[rag]"\n\n# config.yaml\nrag_trainer:\n  enabled: true';

/** All trainings that the hub knows of, what they say now, and a question to what was trained. */
export function Jobs() {
  const { t } = useTranslation("training");
  const { operator } = useSession();
  const [starting, setStarting] = useState(false);
  useStale("training", PATHS);
  const answer = useAnswer("/train", undefined, { every: 5_000, enabled: operator !== false });
  const counts = answer.data && countsOf(answer.data.trainings);
  const on = operator && !isOff(answer.error);
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={on && <Button type="primary" onClick={() => setStarting(true)}>{t("action.train")}</Button>}
    >
      {counts && (
        <Stats>
          <Stat label={t("stat.running")} value={count(counts.running)} tone={counts.running ? "info" : "plain"} />
          <Stat label={t("stat.queued")} value={count(counts.queued)} />
          <Stat label={t("stat.trained")} value={count(counts.trained)} about={t("stat.about")} />
          <Stat label={t("stat.failed")} value={count(counts.failed)} tone={counts.failed ? "bad" : "plain"} about={t("stat.about")} />
        </Stats>
      )}
      {operator !== false && (
        <Panel title={t("jobs.title")} flush>
          <Loaded answer={answer} off={<SwitchOn title={t("off.title")} snippet={SNIPPET}>{t("off.about")}</SwitchOn>}>
            {(found) => (
              <>
                <Partial answer={found} />
                <JobTable trainings={inOrder(found.trainings)} />
              </>
            )}
          </Loaded>
        </Panel>
      )}
      {on && <Ask />}
      {operator === false && <p className="soft">{t("jobs.operators")}</p>}
      {!isOff(answer.error) && <Updates />}
      {starting && <StartForm close={() => setStarting(false)} />}
    </Page>
  );
}

function JobTable({ trainings }: { readonly trainings: Training[] }) {
  const { t } = useTranslation("training");
  const now = useTick(trainings.some(({ state }) => state === "running") ? 1_000 : undefined);
  const columns: TableColumnsType<Training> = [
    {
      title: t("job.folder"),
      render: (_, { id, folder }) => (
        <Link to={`/training/${encodeURIComponent(id)}`} style={{ overflowWrap: "anywhere" }}>
          {folder}
          <br />
          <span className="soft mono" style={{ whiteSpace: "nowrap" }}>{id}</span>
        </Link>
      ),
    },
    { title: t("job.state"), width: 140, render: (_, training) => <State training={training} /> },
    { title: t("job.progress"), responsive: ["sm"], width: 150, render: (_, { progress }) => <Progress percent={Math.floor(progress)} size="small" aria-label={t("job.progress")} /> },
    {
      title: t("job.files"),
      responsive: ["md"],
      width: 250,
      render: (_, job) => t("job.counts", { trained: count(job.trained), skipped: count(job.skipped), failed: count(job.failed), total: count(totalOf(job)) }),
    },
    { title: t("job.chunks"), align: "right", responsive: ["lg"], width: 90, render: (_, training) => count(chunksOf(training)) },
    { title: t("job.created"), responsive: ["md"], width: 140, render: (_, { created }) => <When at={created} /> },
    { title: t("job.took"), align: "right", responsive: ["lg"], width: 90, render: (_, training) => seconds(duration(training, now)) },
    { title: "", align: "right", responsive: ["sm"], width: 110, render: (_, training) => <Cancel training={training} /> },
  ];
  if (!trainings.length) return <Nothing title={t("jobs.none")}>{t("jobs.noneAbout")}</Nothing>;
  return <Table rowKey="id" size="middle" columns={columns} dataSource={trainings} pagination={trainings.length > 20 ? { pageSize: 20 } : false} />;
}

export function State({ training: { state, cancelling, queue_position, reason } }: { readonly training: Training }) {
  const { t } = useTranslation("training");
  return (
    <>
      <Badge tone={STATE_TONES[state]} dot={state === "running"}>{t(cancelling ? "state.cancelling" : `state.${state}`)}</Badge>
      {queue_position ? <div className="soft">{t("job.before", { count: queue_position })}</div> : null}
      {reason && <div className="soft" style={{ overflowWrap: "anywhere" }}>{reason}</div>}
    </>
  );
}
