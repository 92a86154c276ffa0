import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Search() {
  const { t } = useTranslation("search");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
