import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/Loaded";
import { Panel } from "../../components/Panel";
import { useAddress } from "../../components/useAddress";
import { useAnswer } from "../../hub/api";
import { useStale } from "../../hub/stale";
import { CHANNEL } from "./events";
import styles from "./Firewall.module.css";
import { VerdictTable } from "./VerdictTable";
import type { Decision } from "./words";

const DECISIONS = ["allow", "warn", "block"] as const satisfies readonly Decision[];

/** Verdicts on a page. */
const PAGE = 50;

const SHOWN = ["/api/firewall/verdicts"] as const;
/** Older pages stay as they are. */
const NOTHING = [] as const;

const isDecision = (name: string): name is Decision => (DECISIONS as readonly string[]).includes(name);

/** What was answered to whom, and why, the newest first. */
export function Books() {
  const { t } = useTranslation("firewall");
  const [operation, setOperation] = useAddress("operation");
  const [entry, setEntry] = useAddress("entry");
  const [decision, setDecision] = useAddress("decision");
  // Where the pages that were turned began; the last is shown.
  const [turned, setTurned] = useState<readonly string[]>([]);
  const before = turned[turned.length - 1];
  const query = {
    limit: PAGE,
    ...(operation && { operation }),
    ...(entry && { entry }),
    ...(isDecision(decision) && { decision }),
    ...(before && { before }),
  };
  const answer = useAnswer("/api/firewall/verdicts", { query }, before ? {} : { every: 10_000 });
  useStale(CHANNEL, before ? NOTHING : SHOWN);
  const first = (change: (value: string) => void) => (value: string) => {
    change(value.trim());
    setTurned([]);
  };
  const verdicts = answer.data?.verdicts ?? [];
  const oldest = verdicts[verdicts.length - 1];
  return (
    <Panel
      flush
      title={t("books.title")}
      note={t("books.note")}
      actions={
        <>
          <Select
            value={decision}
            onChange={first(setDecision)}
            aria-label={t("field.decision")}
            popupMatchSelectWidth={false}
            style={{ minWidth: 130 }}
            options={[{ value: "", label: t("books.all") }, ...DECISIONS.map((value) => ({ value, label: t(`decision.${value}`) }))]}
          />
          <Input.Search data-search allowClear defaultValue={operation} onSearch={first(setOperation)} placeholder={t("field.operation")} aria-label={t("field.operation")} style={{ width: 190 }} />
          <Input.Search allowClear defaultValue={entry} onSearch={first(setEntry)} placeholder={t("field.entry")} aria-label={t("field.entry")} style={{ width: 230 }} />
        </>
      }
    >
      <Loaded answer={answer} rows={10}>{() => <VerdictTable verdicts={verdicts} />}</Loaded>
      <footer className={styles["foot"]}>
        <Button disabled={!turned.length} onClick={() => setTurned([])}>{t("books.newest")}</Button>
        <Button disabled={!turned.length} onClick={() => setTurned(turned.slice(0, -1))}>{t("books.newer")}</Button>
        <Button disabled={verdicts.length < PAGE || !oldest} onClick={() => oldest && setTurned([...turned, oldest.at])}>{t("books.older")}</Button>
      </footer>
    </Panel>
  );
}
