import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Connections() {
  const { t } = useTranslation("connections");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
