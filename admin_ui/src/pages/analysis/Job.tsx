import { ArrowLeftOutlined } from "@ant-design/icons";
import { Alert, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Badge } from "../../components/Badge";
import { duration, isOver, JOB_TONES } from "../../components/jobs";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Page, Row } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { Stat, Stats } from "../../components/Stat";
import { useTick, When } from "../../components/When";
import { count, seconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useStale } from "../../hub/stale";
import { revisionOf, short, type Analysis } from "./analysis";
import { Cancel } from "./Cancel";
import { Findings } from "./Findings";
import { Linters } from "./Linters";
import { Severities } from "./Severities";

const PATHS = ["/api/analyses/{analysis}", "/api/analyses/{analysis}/findings"] as const;

/** One analysis: how far it is, what each linter found, and what has changed since the last one. */
export function Job() {
  const { t } = useTranslation("analysis");
  const { analysis = "" } = useParams();
  useStale("ai_analysis", PATHS);
  const answer = useAnswer("/api/analyses/{analysis}", { params: { analysis } }, { every: 5_000 });
  return (
    <Page
      title={answer.data?.repository ?? t("title")}
      about={<Link to="/analysis"><ArrowLeftOutlined aria-hidden /> {t("job.all")}</Link>}
      actions={answer.data && <Cancel analysis={answer.data} />}
    >
      <Loaded answer={answer} rows={10} off={<Nothing title={t("job.gone")}><code>{analysis}</code></Nothing>}>
        {(found) => (
          <>
            <Summary analysis={found} />
            <Remarks analysis={found} />
            <Row min={420}>
              {found.linters && <Linters linters={found.linters} skipped={found.files_skipped} />}
              {found.summary && (
                <Panel title={t("summary.title")} note={t("summary.by", { model: found.summary.model })}>
                  <p style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{found.summary.text}{found.summary.truncated && "…"}</p>
                </Panel>
              )}
            </Row>
            <Findings analysis={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Summary({ analysis }: { readonly analysis: Analysis }) {
  const { t } = useTranslation("analysis");
  const now = useTick(analysis.state === "running" ? 1_000 : undefined);
  const { state, progress, files_done, files_total, files_cached, findings, by_severity, comparison, working_tree, created, node } = analysis;
  const compared = comparison && t("compare.about", { commit: short(comparison.commit) });
  return (
    <>
      <Stats>
        <Stat
          label={t("job.state")}
          value={<Badge tone={JOB_TONES[state]} dot={state === "running"}>{t(`state.${state}`)}</Badge>}
          note={<><span className="mono">{revisionOf(analysis)}</span>{working_tree && ` · ${t("job.workingTree")}`}</>}
        />
        <Stat label={t("job.files")} value={count(files_done)} note={files_total !== undefined && t("job.of", { total: count(files_total), cached: count(files_cached) })} about={t("job.filesAbout")} />
        <Stat label={t("job.findings")} value={count(findings)} note={<Severities counts={by_severity} />} />
        <Stat label={t("compare.new")} value={count(comparison?.new)} tone={comparison?.new ? "bad" : "plain"} note={compared} />
        <Stat label={t("compare.fixed")} value={count(comparison?.fixed)} tone={comparison?.fixed ? "good" : "plain"} note={comparison && t("compare.unchanged", { number: count(comparison.unchanged) })} />
        <Stat label={t("job.took")} value={seconds(duration(analysis, now))} note={<When at={created} />} about={t("job.node", { node })} />
      </Stats>
      {!isOver(analysis) && progress !== undefined && <Progress percent={progress} status="active" aria-label={t("job.progress")} />}
    </>
  );
}

/** Why it ended early, and what isn't whole. */
function Remarks({ analysis: { state, reason, notes = [], comparison, summary_absent } }: { readonly analysis: Analysis }) {
  const { t } = useTranslation("analysis");
  const apart = comparison?.not_compared ?? [];
  return (
    <>
      {reason && <Alert type={state === "failed" ? "error" : "info"} showIcon message={reason} />}
      {notes.map((note) => <Alert key={note} type="warning" showIcon message={note} />)}
      {apart.length > 0 && <Alert type="info" showIcon message={t("compare.apart", { linters: apart.join(", ") })} />}
      {summary_absent && <Alert type="info" showIcon message={t("summary.absent", { reason: summary_absent })} />}
    </>
  );
}
