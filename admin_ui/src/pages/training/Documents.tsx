import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { count, seconds } from "../../format";
import { stagesOf, STAGES, STATE_TONES, told, type DocumentState } from "./training";
import styles from "./Training.module.css";

/** Documents one below the other, each with its fourteen stages. */
export function Documents({ documents }: { readonly documents: readonly DocumentState[] }) {
  return (
    <ul className={styles["documents"]}>
      {documents.map((document) => <Document key={document.index} document={document} />)}
    </ul>
  );
}

function Document({ document }: { readonly document: DocumentState }) {
  const { t } = useTranslation("training");
  const { name, state, reason, text, type, chunks, quality, seconds: took } = document;
  const facts = [
    type,
    chunks ? t("documents.chunks", { count: chunks }) : "",
    quality === undefined ? "" : t("documents.quality", { quality: count(quality) }),
    took ? seconds(took) : "",
  ];
  return (
    <li data-state={state}>
      <div className={styles["name"]}>
        <span className={styles["file"]}>{name}</span>
        <Badge tone={STATE_TONES[state]} dot={state === "running"}>{t(`state.${state}`)}{reason && `: ${reason}`}</Badge>
      </div>
      <Stages document={document} />
      <span className={styles["facts"]}>{facts.filter(Boolean).join(" · ")}</span>
      {text && state !== "trained" && <p className={styles["text"]}>{told(document)}</p>}
    </li>
  );
}

function Stages({ document }: { readonly document: DocumentState }) {
  const { t } = useTranslation("training");
  const now = STAGES[document.stage - 1];
  const said = now ? t("documents.stage", { stage: now, stages: STAGES.length, name: t(`stage.${now}`) }) : t(`state.${document.state}`);
  return (
    <ol className={styles["stages"]} aria-label={said}>
      {stagesOf(document).map((cell, at) => {
        const stage = STAGES[at];
        return stage && (
          <Tooltip key={stage} title={`${stage}. ${t(`stage.${stage}`)}`} mouseEnterDelay={0}>
            <li data-cell={cell} />
          </Tooltip>
        );
      })}
    </ol>
  );
}
