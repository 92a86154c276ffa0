import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../hub/session";

/** What only operators may do: for others it is there, and says why it can't be used. */
export function ForOperators({ children }: { readonly children: (disabled: boolean) => ReactNode }) {
  const { t } = useTranslation();
  const { operator } = useSession();
  if (operator) return <>{children(false)}</>;
  return <Tooltip title={t("error.operatorsOnly")}><span>{children(true)}</span></Tooltip>;
}
