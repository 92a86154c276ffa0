import { Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Panel } from "../../components/Panel";
import { count, seconds } from "../../format";
import type { Schema } from "../../hub/api";

const TONES = { ok: "good", skipped: "plain", failed: "bad" } as const;

/** How each linter fared. */
export function Linters({ linters }: { readonly linters: readonly Schema<"LinterState">[] }) {
  const { t } = useTranslation("analysis");
  const columns: TableColumnsType<Schema<"LinterState">> = [
    { title: t("linter.name"), render: (_, { name, version }) => <><span className="mono">{name}</span> <span className="soft">{version}</span></> },
    { title: t("job.state"), render: (_, { status, reason }) => <><Badge tone={TONES[status]}>{t(`linter.${status}`)}</Badge> <span className="soft">{reason}</span></> },
    { title: t("linter.files"), align: "right", responsive: ["sm"], dataIndex: "files", render: count },
    { title: t("job.findings"), align: "right", dataIndex: "findings", render: count },
    { title: t("job.took"), align: "right", responsive: ["md"], dataIndex: "seconds", render: seconds },
  ];
  return (
    <Panel title={t("linter.title")} flush>
      <Table rowKey="name" size="middle" columns={columns} dataSource={[...linters]} pagination={false} />
    </Panel>
  );
}
