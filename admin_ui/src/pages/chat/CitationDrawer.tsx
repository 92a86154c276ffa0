import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Facts } from "../../components/Facts";
import { isOff } from "../../components/Loaded";
import { When } from "../../components/When";
import { measure } from "../../format";
import { useMine } from "../../hub/member";
import type { Citation } from "../../hub/my";
import styles from "./Chat.module.css";

/** The memory that an answer rests on. */
export function CitationDrawer({ citation, close }: { readonly citation: Citation | undefined; readonly close: () => void }) {
  const { t } = useTranslation("chat");
  return (
    <Drawer open={citation !== undefined} onClose={close} width={440} title={citation && t("citation.title", { number: citation.number })} destroyOnHidden>
      {citation && <Cited citation={citation} />}
    </Drawer>
  );
}

function Cited({ citation: { memory_id, text, score } }: { readonly citation: Citation }) {
  const { t } = useTranslation("chat");
  const { data, error } = useMine("/my/memories/{memory_id}", { params: { memory_id } });
  const session = data && typeof data.source === "object" && data.source ? (data.source as { readonly session_id?: unknown }).session_id : undefined;
  return (
    <div className={styles["cited"]}>
      <blockquote>{data?.text ?? text}</blockquote>
      <Facts
        items={[
          [t("citation.score"), measure(score)],
          [t("citation.kind"), data?.kind],
          [t("citation.at"), data && <When at={data.created_at} />],
          [t("citation.source"), typeof session === "string" && <Link to={`/chat/${session}`}>{t("citation.session")}</Link>],
        ]}
      />
      {isOff(error) && <p className="soft">{t("citation.gone")}</p>}
      {data && <Link to={`/agents/${data.agent_id}?tab=memory&memory=${data.id}`}>{t("citation.browse")}</Link>}
    </div>
  );
}
