import { Button, Grid, Progress, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { duration, inOrder } from "../../components/jobs";
import { isOff, Loaded } from "../../components/Loaded";
import { Nothing, SwitchOn } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { useTick, When } from "../../components/When";
import { seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { useStale } from "../../hub/stale";
import { revisionOf, type Analysis } from "./analysis";
import { Cancel } from "./Cancel";
import { Severities } from "./Severities";
import { StartForm } from "./StartForm";
import { State } from "./State";
import { Stream } from "./Stream";

const PATHS = ["/api/analyses"] as const;
const SNIPPET = "analysis:\n  enabled: true\n  roots: [/srv/git]";

/** All analyses that the hub knows of, and what they find while they find it. */
export function Jobs() {
  const { t } = useTranslation("analysis");
  const { operator } = useSession();
  const [starting, setStarting] = useState(false);
  useStale("ai_analysis", PATHS);
  const answer = useAnswer("/api/analyses", undefined, { every: 5_000, enabled: operator !== false });
  const on = operator && !isOff(answer.error);
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={on && <Button type="primary" onClick={() => setStarting(true)}>{t("action.analyse")}</Button>}
    >
      {operator !== false && (
        <Panel title={t("jobs.title")} flush>
          <Loaded answer={answer} off={<SwitchOn title={t("off.title")} snippet={SNIPPET}>{t("off.about")}</SwitchOn>}>
            {(found) => (
              <>
                <Partial answer={found} />
                <JobTable analyses={inOrder(found.analyses)} />
              </>
            )}
          </Loaded>
        </Panel>
      )}
      {operator === false && <p className="soft">{t("jobs.operators")}</p>}
      <Stream />
      {starting && <StartForm close={() => setStarting(false)} />}
    </Page>
  );
}

function JobTable({ analyses }: { readonly analyses: Analysis[] }) {
  const { t } = useTranslation("analysis");
  const now = useTick(analyses.some(({ state }) => state === "running") ? 1_000 : undefined);
  const { sm } = Grid.useBreakpoint();
  const columns: TableColumnsType<Analysis> = [
    {
      title: t("job.repository"),
      render: (_, analysis) => (
        <Link to={`/analysis/${encodeURIComponent(analysis.id)}`} style={{ overflowWrap: "anywhere" }}>
          {analysis.repository}
          <br />
          <span className="soft mono">{revisionOf(analysis)}{analysis.working_tree && ` · ${t("job.workingTree")}`}</span>
        </Link>
      ),
    },
    { title: t("job.state"), width: sm ? 130 : 160, render: (_, analysis) => <><State analysis={analysis} />{!sm && <div style={{ marginTop: 6 }}><Severities counts={analysis.by_severity} /></div>}</> },
    { title: t("job.progress"), responsive: ["sm"], width: 150, render: (_, { progress }) => progress !== undefined && <Progress percent={progress} size="small" aria-label={t("job.progress")} /> },
    { title: t("job.findings"), responsive: ["sm"], render: (_, { by_severity }) => <Severities counts={by_severity} /> },
    { title: t("job.created"), responsive: ["md"], width: 150, render: (_, { created }) => <When at={created} /> },
    { title: t("job.took"), align: "right", responsive: ["lg"], width: 110, render: (_, analysis) => seconds(duration(analysis, now)) },
    { title: "", align: "right", responsive: ["sm"], width: 110, render: (_, analysis) => <Cancel analysis={analysis} /> },
  ];
  if (!analyses.length) return <Nothing title={t("jobs.none")}>{t("jobs.noneAbout")}</Nothing>;
  return <Table rowKey="id" size="middle" columns={columns} dataSource={analyses} pagination={analyses.length > 20 ? { pageSize: 20 } : false} />;
}
