import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Memory() {
  const { t } = useTranslation("memory");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
