import { Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Refused } from "../../components/Refused";
import { milliseconds, measure } from "../../format";
import { useAction, type Schema } from "../../hub/api";
import styles from "./Training.module.css";

const MODES = ["hybrid", "dense", "lexical"] as const;
type Mode = (typeof MODES)[number];

/** Milliseconds that an answer may take: the first one waits until the hub has loaded its models, for a minute at most. */
const PATIENCE = 65_000;

/** A question to what was trained, and the passages that answer it. */
export function Ask() {
  const { t } = useTranslation("training");
  const [mode, setMode] = useState<Mode>("hybrid");
  const ask = useAction((api, text: string) => api.post("/query", { body: { text, mode, limit: 5 }, timeout: PATIENCE }), { quiet: true });
  return (
    <Panel title={t("ask.title")}>
      <div className={styles["ask"]}>
        <Input.Search
          data-search
          aria-label={t("ask.question")}
          placeholder={t("ask.question")}
          enterButton={t("ask.go")}
          loading={ask.isPending}
          onSearch={(text) => text.trim() && ask.mutate(text)}
          maxLength={4_000}
        />
        <Segmented aria-label={t("ask.mode")} value={mode} onChange={setMode} options={MODES.map((value) => ({ value, label: t(`ask.${value}`) }))} />
      </div>
      <Refused error={ask.error} />
      {ask.data && <Passages answer={ask.data} />}
    </Panel>
  );
}

function Passages({ answer: { passages, timings_ms, documents, chunks, notes } }: { readonly answer: Schema<"LibraryAnswer"> }) {
  const { t } = useTranslation("training");
  return (
    <>
      <p className="soft">{t("ask.looked", { documents, chunks, time: milliseconds(timings_ms["total"]) })} {notes.join(" ")}</p>
      {passages.length === 0 && <Nothing height={100}>{t("ask.nothing")}</Nothing>}
      <ol className={styles["passages"]}>
        {passages.map(({ id, title, document, path, page, text, score }) => (
          <li key={id}>
            <h3>{title || document}</h3>
            <p className="soft">
              {document}
              {path.length > 0 && ` › ${path.join(" › ")}`}
              {page !== undefined && ` · ${t("ask.page", { page })}`} · {t("ask.score", { score: measure(score) })}
            </p>
            <blockquote>{text}</blockquote>
          </li>
        ))}
      </ol>
    </>
  );
}
