import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { isOver } from "../../components/jobs";
import { useAction } from "../../hub/api";
import type { Training } from "./training";

/** Ends a training, asked once. */
export function Cancel({ training }: { readonly training: Training }) {
  const { t } = useTranslation(["training", "common"]);
  const cancel = useAction((api, id: string) => api.delete("/train/{training}", { params: { training: id } }), {
    stale: ["/train", "/train/{training}"],
    done: t("cancel.done"),
  });
  if (isOver(training)) return null;
  return (
    <Popconfirm title={t("cancel.ask")} description={training.folder} okText={t("cancel.ok")} onConfirm={() => cancel.mutateAsync(training.id).catch(() => {})}>
      <Button size="small" disabled={training.cancelling}>{t("common:action.cancel")}</Button>
    </Popconfirm>
  );
}
