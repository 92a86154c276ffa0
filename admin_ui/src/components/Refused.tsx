import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { HubError } from "tocsin-client";
import { errorText } from "../hub/errors";

/** Why the hub didn't do it, in its words, at the place where it was asked. */
export function Refused({ error }: { readonly error: HubError | null }) {
  const { t } = useTranslation();
  if (!error) return null;
  const title = error.code === "conflict" ? t("refused.conflict") : error.temporary ? t("refused.temporary") : t("refused.title");
  return <Alert type={error.temporary ? "warning" : "error"} showIcon message={title} description={errorText(error, t)} style={{ marginBlock: 16 }} />;
}
