import { Grid, Select, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { CopyButton } from "../../components/CopyButton";
import { isOver } from "../../components/jobs";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { count } from "../../format";
import { useAnswer } from "../../hub/api";
import { placeOf, SEVERITIES, SEVERITY_TONES, type Analysis, type Finding } from "./analysis";

const PAGE = 50;

/** What was found, a page at a time. */
export function Findings({ analysis }: { readonly analysis: Analysis }) {
  const { id, findings, findings_kept, by_linter } = analysis;
  const { t } = useTranslation("analysis");
  const [severity, setSeverity] = useAddress("severity");
  const [linter, setLinter] = useAddress("linter");
  const [page, setPage] = useState(1);
  const from1 = (set: (value: string) => void) => (value: string) => {
    setPage(1);
    set(value);
  };
  const wanted = SEVERITIES.find((one) => one === severity);
  const query = { limit: PAGE, offset: (page - 1) * PAGE, ...(wanted && { severity: wanted }), ...(linter && { linter }) };
  const answer = useAnswer("/api/analyses/{analysis}/findings", { params: { analysis: id }, query }, isOver(analysis) ? {} : { every: 5_000 });
  const { sm } = Grid.useBreakpoint();
  const badge = ({ severity: how }: Finding) => <Badge tone={SEVERITY_TONES[how]}>{t(`severity.${how}`)}</Badge>;
  const columns: TableColumnsType<Finding> = [
    { title: t("finding.severity"), responsive: ["sm"], width: 140, render: (_, finding) => badge(finding) },
    {
      title: t("finding.message"),
      render: (_, finding) => (
        <span style={{ overflowWrap: "anywhere" }}>
          {!sm && badge(finding)} {finding.message}
          <br />
          <code className="soft">{placeOf(finding)}</code> <CopyButton text={placeOf(finding)} /> <span className="soft">{finding.linter} · {finding.rule}</span>
        </span>
      ),
    },
  ];
  const severities = [{ value: "", label: t("finding.anySeverity") }, ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))];
  const linters = [{ value: "", label: t("finding.anyLinter") }, ...Object.keys(by_linter ?? {}).map((value) => ({ value, label: value }))];
  const note = findings !== undefined && findings_kept !== undefined && findings > findings_kept ? t("finding.kept", { kept: count(findings_kept), all: count(findings) }) : count(answer.data?.total);
  return (
    <Panel
      title={t("job.findings")}
      note={note}
      flush
      actions={
        <>
          <Select aria-label={t("finding.severity")} value={wanted ?? ""} onChange={from1(setSeverity)} options={severities} popupMatchSelectWidth={false} />
          <Select aria-label={t("linter.name")} value={linter} onChange={from1(setLinter)} options={linters} popupMatchSelectWidth={false} />
        </>
      }
    >
      <Loaded answer={answer} rows={8}>
        {({ findings: found, total }) =>
          total ? (
            <Table
              rowKey={(finding) => `${finding.fingerprint} ${placeOf(finding)}`}
              size="middle"
              columns={columns}
              dataSource={found}
              pagination={total > PAGE && { current: page, pageSize: PAGE, total, onChange: setPage, showSizeChanger: false }}
            />
          ) : (
            <Nothing>{t("finding.none")}</Nothing>
          )
        }
      </Loaded>
    </Panel>
  );
}
