import { useTranslation } from "react-i18next";
import { Facts } from "../../components/Facts";
import { Json } from "../../components/Json";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Row } from "../../components/Page";
import { bytes, count, measure, seconds } from "../../format";
import type { ChannelState } from "./list/rows";

/** How a channel behaves: what the configuration says of it. */
export function Settings({ state }: { readonly state: ChannelState }) {
  const { t } = useTranslation("channels");
  const { options } = state;
  const rules = (["subscribe", "publish", "history", "presence"] as const).map((operation) => [t(`operation.${operation}`), t(`rule.${options[operation] as "everyone"}`)] as const);
  const behaviour = [
    [t("settings.history"), options.history_size ? t("list.kept", { size: count(options.history_size), age: seconds(options.history_age) }) : t("list.noHistory")],
    [t("settings.recover"), options.recover && options.history_size ? t("settings.yes") : t("settings.no")],
    [t("settings.conflate"), options.conflate ? t("trait.conflatedAbout", { by: options.conflate }) : t("settings.no")],
    [t("settings.maxRate"), options.max_rate ? t("trait.maxRate", { rate: measure(options.max_rate) }) : t("settings.noLimit")],
    [t("settings.maxBytes"), options.max_bytes ? bytes(options.max_bytes) : t("settings.noLimit")],
  ] as const;
  return (
    <Row min={360}>
      <Panel title={t("settings.rules")}><Facts items={rules} /></Panel>
      <Panel title={t("settings.behaviour")}><Facts items={behaviour} /></Panel>
      <Panel title={t("settings.schema")}>
        {state.schema ? <Json value={state.schema} /> : <Nothing>{t("settings.noSchema")}</Nothing>}
      </Panel>
    </Row>
  );
}
