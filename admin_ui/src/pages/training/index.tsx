import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Training() {
  const { t } = useTranslation("training");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
