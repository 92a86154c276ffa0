import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Analysis() {
  const { t } = useTranslation("analysis");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
