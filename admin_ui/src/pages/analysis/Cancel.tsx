import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { isOver } from "../../components/jobs";
import { useAction } from "../../hub/api";
import type { Analysis } from "./analysis";

/** Ends an analysis, asked once. */
export function Cancel({ analysis }: { readonly analysis: Analysis }) {
  const { t } = useTranslation(["analysis", "common"]);
  const cancel = useAction((api, id: string) => api.delete("/api/analyses/{analysis}", { params: { analysis: id } }), {
    stale: ["/api/analyses", "/api/analyses/{analysis}"],
    done: t("cancel.done"),
  });
  if (isOver(analysis)) return null;
  return (
    <Popconfirm title={t("cancel.ask")} description={analysis.repository} okText={t("cancel.ok")} onConfirm={() => cancel.mutateAsync(analysis.id).catch(() => {})}>
      <Button size="small">{t("common:action.cancel")}</Button>
    </Popconfirm>
  );
}
