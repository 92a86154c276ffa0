import { App } from "antd";
import { useTranslation } from "react-i18next";
import { errorText } from "../../hub/errors";
import { useMember } from "../../hub/member";

/** Saves all memories as a file of JSON lines. */
export function useExport(): () => Promise<void> {
  const { t } = useTranslation();
  const { api } = useMember();
  const { message } = App.useApp();
  return async () => {
    try {
      const text = await api.get("/my/memories/export", { timeout: 0, headers: { Accept: "application/x-ndjson" } });
      const address = URL.createObjectURL(new Blob([typeof text === "string" ? text : `${JSON.stringify(text)}\n`], { type: "application/x-ndjson" }));
      const link = Object.assign(document.createElement("a"), { href: address, download: "memories.ndjson" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      void message.error(errorText(error, t));
    }
  };
}
