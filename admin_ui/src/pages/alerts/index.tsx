import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Alerts() {
  const { t } = useTranslation("alerts");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
