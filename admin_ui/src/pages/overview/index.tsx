import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Overview() {
  const { t } = useTranslation("overview");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
