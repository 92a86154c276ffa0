import { Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Panel } from "../../components/Panel";
import { count, seconds } from "../../format";
import type { Schema } from "../../hub/api";

const TONES = { ok: "good", skipped: "plain", failed: "bad" } as const;

interface LintersProps {
  readonly linters: readonly Schema<"LinterState">[];
  /** Files that none of them looked at, by the reason. */
  readonly skipped: Schema<"AnalysisState">["files_skipped"];
}

/** How each linter fared, and what none of them looked at. */
export function Linters({ linters, skipped = {} }: LintersProps) {
  const { t } = useTranslation("analysis");
  const left = Object.entries(skipped).map(([why, number]) => `${why} ${count(number)}`).join(", ");
  const columns: TableColumnsType<Schema<"LinterState">> = [
    { title: t("linter.name"), render: (_, { name, version }) => <><span className="mono">{name}</span> <span className="soft">{version}</span></> },
    { title: t("job.state"), render: (_, { status, reason }) => <><Badge tone={TONES[status]}>{t(`linter.${status}`)}</Badge> <span className="soft">{reason}</span></> },
    { title: t("linter.files"), align: "right", responsive: ["sm"], dataIndex: "files", render: count },
    { title: t("job.findings"), align: "right", dataIndex: "findings", render: count },
    { title: t("job.took"), align: "right", responsive: ["md"], dataIndex: "seconds", render: seconds },
  ];
  return (
    <Panel title={t("linter.title")} note={left && t("linter.left", { files: left })} flush>
      <Table rowKey="name" size="middle" columns={columns} dataSource={[...linters]} pagination={false} />
    </Panel>
  );
}
