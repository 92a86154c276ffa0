import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Nothing } from "./Nothing";

/** What stands in place of a page that broke. The rest of the page goes on. */
export function PageFailed({ whole = false }: { readonly whole?: boolean }) {
  const { t } = useTranslation();
  const error = useRouteError();
  const why = error instanceof Error ? error.message : String(error);
  return (
    <main role="alert" style={whole ? { height: "100%", display: "grid", placeItems: "center" } : undefined}>
      <Nothing
        title={t("error.page")}
        height={320}
        action={<Button type="primary" onClick={() => location.reload()}>{t("action.reload")}</Button>}
      >
        <code>{why}</code>
      </Nothing>
    </main>
  );
}
