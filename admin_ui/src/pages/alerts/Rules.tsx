import { Table, Tooltip, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Loaded } from "../../components/Loaded";
import { SwitchOn } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import type { Tone } from "../../components/Stat";
import { measure, seconds } from "../../format";
import { useAnswer, type Schema } from "../../hub/api";
import { SEVERITY_TONES } from "./alerts";

type Rule = Schema<"AlertRule">;
type InNode = Schema<"RuleInNode">;

const STATE_TONES: Readonly<Record<InNode["state"], Tone>> = {
  inactive: "good", pending: "warn", firing: "bad", resolved: "good", no_data: "warn", not_applicable: "plain",
};

/** The most remarkable state of a rule in any process. */
const ORDER: readonly InNode["state"][] = ["firing", "pending", "no_data", "resolved", "inactive", "not_applicable"];
const worst = (nodes: readonly InNode[]): InNode | undefined =>
  [...nodes].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))[0];

/** What the hub watches itself for, and what it measured last. */
export function Rules() {
  const { t } = useTranslation("alerts");
  const answer = useAnswer("/api/alerts/rules", undefined, { every: 5_000 });
  const columns: TableColumnsType<Rule> = [
    {
      title: t("rule.name"),
      dataIndex: "name",
      render: (name: string, { about }) => <><span className="mono">{name}</span><br /><span className="soft">{about}</span></>,
    },
    { title: t("rule.state"), width: 150, render: (_, { nodes }) => <State node={worst(nodes)} /> },
    {
      title: t("rule.value"),
      align: "right",
      width: 120,
      render: (_, { nodes, unit }) => <Value node={worst(nodes)} unit={unit} />,
    },
    {
      title: t("rule.fires"),
      width: 240,
      responsive: ["md"],
      render: (_, rule) => t(`rule.${rule.comparison}`, { threshold: measure(rule.threshold), unit: rule.unit, hold: seconds(rule.hold) }),
    },
    { title: t("rule.severity"), width: 120, responsive: ["md"], render: (_, { severity }) => <Badge tone={SEVERITY_TONES[severity]}>{t(`severity.${severity}`)}</Badge> },
    { title: t("rule.firings"), align: "right", width: 110, responsive: ["lg"], render: (_, { nodes }) => nodes.reduce((sum, { firings }) => sum + firings, 0) },
  ];
  return (
    <Panel title={t("rule.title")} note={t("rule.about")} flush>
      <Loaded answer={answer} rows={8}>
        {(found) =>
          found.rules.length ? (
            <>
              <Partial answer={found} />
              <Table rowKey="name" size="middle" columns={columns} dataSource={found.rules} pagination={false} expandable={{ expandedRowRender: ({ nodes, unit }) => <Nodes nodes={nodes} unit={unit} />, rowExpandable: ({ nodes }) => nodes.length > 1 }} />
            </>
          ) : (
            <SwitchOn title={t("rule.none")} snippet={"alerts:\n  interval: 5"}>{t("rule.noneAbout")}</SwitchOn>
          )
        }
      </Loaded>
    </Panel>
  );
}

function State({ node }: { readonly node: InNode | undefined }) {
  const { t } = useTranslation("alerts");
  if (!node) return null;
  const badge = <Badge tone={STATE_TONES[node.state]} dot={node.state === "firing"}>{t(`state.${node.state}`)}</Badge>;
  return <Tooltip title={node.missing || t("rule.since", { time: seconds(node.seconds) })}><span tabIndex={0}>{badge}</span></Tooltip>;
}

function Value({ node, unit }: { readonly node: InNode | undefined; readonly unit: string }) {
  return <span style={{ whiteSpace: "nowrap" }}>{node?.value === undefined ? measure(undefined) : `${measure(node.value)} ${unit}`}</span>;
}

function Nodes({ nodes, unit }: { readonly nodes: readonly InNode[]; readonly unit: string }) {
  return (
    <dl style={{ display: "grid", gridTemplateColumns: "max-content max-content max-content", gap: "6px 16px", margin: 0 }}>
      {nodes.map((node) => (
        <div key={node.node} style={{ display: "contents" }}>
          <dt className="mono">{node.node}</dt>
          <dd><State node={node} /></dd>
          <dd className="numbers"><Value node={node} unit={unit} /></dd>
        </div>
      ))}
    </dl>
  );
}
