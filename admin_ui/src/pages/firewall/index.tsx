import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Firewall() {
  const { t } = useTranslation("firewall");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
