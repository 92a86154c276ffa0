import { ArrowLeftOutlined } from "@ant-design/icons";
import { Pagination, Progress } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { duration, isOver } from "../../components/jobs";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Stat, Stats } from "../../components/Stat";
import { useTick, When } from "../../components/When";
import { count, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useStale } from "../../hub/stale";
import { Cancel } from "./Cancel";
import { Documents } from "./Documents";
import { State } from "./Jobs";
import { chunksOf, pageAtWork, paged, totalOf, type Training } from "./training";
import styles from "./Training.module.css";

const PATHS = ["/train/{training}"] as const;
const PAGE = 50;

/** One training: its documents, and the fourteen stages of each, live. */
export function Job() {
  const { t } = useTranslation("training");
  const { training = "" } = useParams();
  const [chosen, choose] = useState<number>();
  const [newest, setNewest] = useState(1);
  const page = chosen ?? newest;
  const offset = (page - 1) * PAGE;
  useStale("training", PATHS);
  const answer = useAnswer("/train/{training}", { params: { training }, query: { limit: PAGE, offset } }, { every: 5_000 });
  const job = answer.data;
  const atWork = job && pageAtWork(job, PAGE);
  useEffect(() => {
    if (atWork !== undefined) setNewest(atWork); // and it stays there when the job ends before one's eyes
  }, [atWork]);
  return (
    <Page
      title={job?.folder ?? t("title")}
      about={<Link to="/training"><ArrowLeftOutlined aria-hidden /> {t("job.all")}</Link>}
      actions={job && <Cancel training={job} />}
    >
      <Loaded answer={answer} rows={10} off={<Nothing title={t("job.gone")}><code>{training}</code></Nothing>}>
        {(found) => (
          <>
            <Summary training={found} />
            {!isOver(found) && found.last_update && <Now update={found.last_update} />}
            <Panel title={t("documents.title")} note={found.files_total > 0 && t("documents.note", { count: found.files_total })} flush>
              {found.files?.length ? <Documents documents={found.files} /> : <Nothing>{t("documents.none")}</Nothing>}
            </Panel>
            <Pagination current={page} pageSize={PAGE} total={paged(found, offset, PAGE)} onChange={choose} showSizeChanger={false} hideOnSinglePage align="center" />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Summary({ training }: { readonly training: Training }) {
  const { t } = useTranslation("training");
  const now = useTick(training.state === "running" ? 1_000 : undefined);
  const { progress, trained, skipped, failed, created, node } = training;
  return (
    <>
      <Stats>
        <Stat label={t("job.state")} value={<span className={styles["state"]}><State training={training} /></span>} />
        <Stat label={t("job.trained")} value={count(trained)} note={t("job.of", { total: count(totalOf(training)) })} />
        <Stat label={t("job.skipped")} value={count(skipped)} />
        <Stat label={t("job.failed")} value={count(failed)} tone={failed ? "bad" : "plain"} />
        <Stat label={t("job.chunks")} value={count(chunksOf(training))} />
        <Stat label={t("job.took")} value={seconds(duration(training, now))} note={<When at={created} />} about={t("job.node", { node })} />
      </Stats>
      {!isOver(training) && <Progress percent={Math.floor(progress)} status="active" aria-label={t("job.progress")} />}
    </>
  );
}

/** What a job said last. Its fields are those of `stage_update`. */
function Now({ update }: { readonly update: NonNullable<Training["last_update"]> }) {
  const { t } = useTranslation("training");
  const { stage, log } = update;
  return (
    <Panel title={t("now.title")}>
      <p className={styles["now"]}>
        <strong className="mono">{String(stage ?? "")}</strong> {String(log ?? "")}
      </p>
    </Panel>
  );
}
