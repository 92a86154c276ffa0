import { Collapse, Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../components/CopyButton";
import { Facts } from "../../components/Facts";
import { Loaded } from "../../components/Loaded";
import { clock, count, measure } from "../../format";
import { useMine } from "../../hub/member";
import type { ChatEvent, Trace } from "../../hub/my";
import styles from "./Chat.module.css";

/** What a model was asked, and what went before: for who wants to know why an answer is what it is. */
export function TraceDrawer({ run, close }: { readonly run: string | undefined; readonly close: () => void }) {
  const { t } = useTranslation("chat");
  return (
    <Drawer open={run !== undefined} onClose={close} width={640} title={t("trace.title")} destroyOnHidden>
      {run && <Traced run={run} />}
    </Drawer>
  );
}

function Traced({ run }: { readonly run: string }) {
  const { t } = useTranslation("chat");
  const answer = useMine("/my/runs/{run_id}/trace", { params: { run_id: run } });
  return <Loaded answer={answer}>{(trace) => <Parts trace={trace} label={(role) => t(`trace.role.${role}`)} />}</Loaded>;
}

type Role = "system" | "user" | "assistant" | "tool";

function Parts({ trace, label }: { readonly trace: Trace; readonly label: (role: Role) => string }) {
  const { t } = useTranslation("chat");
  const { retrieved = [], prompt = [], events = [], model, temperature, history_left_out: left, warning } = trace;
  const text = () => prompt.map(({ role, content }) => `${role}:\n${content}`).join("\n\n");
  return (
    <div className={styles["trace"]}>
      <Facts
        items={[
          [t("trace.model"), typeof model === "string" && model !== "" && <code>{model}</code>],
          [t("trace.temperature"), typeof temperature === "number" && measure(temperature)],
          [t("trace.leftOut"), typeof left === "number" && left > 0 && count(left)],
          [t("trace.warning"), warning],
        ]}
      />
      <section>
        <h3>{t("trace.retrieved")} <span className="soft">{count(retrieved.length)}</span></h3>
        {retrieved.length ? <ol className={styles["retrieved"]}>{retrieved.map(({ memory_id, text: said, score }) => <li key={memory_id}><p>{said}</p><span className="soft">{measure(score)}</span></li>)}</ol> : <p className="soft">{t("trace.nothing")}</p>}
      </section>
      <section>
        <h3>{t("trace.prompt")} <CopyButton text={text} /></h3>
        <ol className={styles["prompt"]}>{prompt.map(({ role, content }, at) => <li key={at}><strong>{ROLES.includes(role as Role) ? label(role as Role) : role}</strong><pre tabIndex={0}>{content}</pre></li>)}</ol>
      </section>
      {events.length > 0 && (
        <Collapse ghost items={[{ key: "events", label: t("trace.events", { count: events.length }), children: <ol className={styles["events"]}>{events.map((one, at) => <Event key={at} event={one as ChatEvent} />)}</ol> }]} />
      )}
    </div>
  );
}

const Event = ({ event: { type, data } }: { readonly event: ChatEvent }) => (
  <li><span className="soft">{data.seq}</span> <code>{type}</code> <span className="soft">{data.timestamp && clock(data.timestamp)}</span></li>
);

const ROLES: readonly Role[] = ["system", "user", "assistant", "tool"];
