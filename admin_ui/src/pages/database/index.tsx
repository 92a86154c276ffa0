import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Database() {
  const { t } = useTranslation("database");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
