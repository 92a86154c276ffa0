import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Nothing } from "../components/Nothing";

/** For addresses that lead nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  return <Nothing title={t("error.notFound")} height={320} action={<Link to="/">{t("page.overview")}</Link>} />;
}
