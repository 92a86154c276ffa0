import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "../../components/Nothing";
import { Page } from "../../components/Page";
import { useAddress } from "../../components/useAddress";
import { HubError } from "tocsin-client";
import { useSession } from "../../hub/session";
import { Deliveries } from "./Deliveries";
import { List } from "./List";

/** Who is connected, and whether they got what was published. */
export default function Connections() {
  const { t } = useTranslation("connections");
  const { operator } = useSession();
  const [tab, choose] = useAddress("tab", "list");
  const items = [
    { key: "list", label: t("tab.list"), children: <List /> },
    { key: "deliveries", label: t("tab.deliveries"), children: <Deliveries /> },
  ];
  return (
    <Page title={t("title")} about={t("about")}>
      {operator === false ? <Failed error={FOR_OPERATORS} /> : <Tabs activeKey={tab} onChange={choose} items={items} destroyOnHidden />}
    </Page>
  );
}

/** What the hub would answer: it needn't be asked. */
const FOR_OPERATORS = new HubError("permission_denied", "expected a token with the claim admin: true");
