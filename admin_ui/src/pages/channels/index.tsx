import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";

export default function Channels() {
  const { t } = useTranslation("channels");
  return <Page title={t("title")} about={t("about")}>{null}</Page>;
}
