import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Json } from "../../components/Json";
import { When } from "../../components/When";
import { bytes, count, milliseconds } from "../../format";
import { decisiveFirst, sessionOf, VERDICT_TONES, type Delivery, type DeliverySession, type Verdict } from "./connections";
import styles from "./Connections.module.css";

/** Sessions whose evidence is shown at first: a user may have had a hundred, with a hundred events each. */
const SHOWN = 5;

interface DeliveryViewProps {
  readonly delivery: Delivery;
  readonly sessions: readonly DeliverySession[];
  /** It is the only one: it stands open. */
  readonly alone: boolean;
}

/** One publication: whether it came, in a word and a sentence, and behind it the evidence of each session. */
export function DeliveryView({ delivery, sessions, alone }: DeliveryViewProps) {
  const { t } = useTranslation("connections");
  const [open, setOpen] = useState(alone);
  const { offset, type, timestamp, bytes: size, in_history } = delivery.publication;
  return (
    <details className={styles["delivery"]} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span className={styles["offset"]}>{count(offset)}</span>
        <VerdictBadge verdict={delivery.verdict} />
        {type && <strong>{type}</strong>}
        <span className={styles["about"]}>
          {timestamp && <When at={timestamp} exact />} <span className="soft">{in_history ? bytes(size) : t("why.gone")}</span>
        </span>
      </summary>
      {open && <Evidence delivery={delivery} sessions={sessions} />}
    </details>
  );
}

const VerdictBadge = ({ verdict }: { readonly verdict: Verdict }) => {
  const { t } = useTranslation("connections");
  return <Badge tone={VERDICT_TONES[verdict]}>{t(`verdict.${verdict}`)}</Badge>;
};

function Evidence({ delivery, sessions }: Omit<DeliveryViewProps, "alone">) {
  const { t } = useTranslation("connections");
  const { publication, explanation } = delivery;
  const evidence = decisiveFirst(delivery);
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, evidence.length - SHOWN);
  return (
    <>
      <p className={styles["explanation"]}>{explanation}</p>
      {evidence.slice(0, evidence.length - hidden).map((piece) => {
        const session = sessionOf(sessions, piece.session);
        return (
          <section key={piece.session} className={styles["evidence"]}>
            <h3>
              <span className="mono">{piece.session}</span> <VerdictBadge verdict={piece.verdict} />
            </h3>
            {piece.explanation !== explanation && <p className="soft">{piece.explanation}</p>}
            {session && <SessionEvents session={session} />}
          </section>
        );
      })}
      {hidden > 0 && <Button size="small" className={styles["more"] ?? ""} onClick={() => setAll(true)}>{t("why.more", { count: hidden })}</Button>}
      {publication.data !== undefined && <Json value={publication.data} />}
    </>
  );
}

/** What a session had to do with the channel, from its beginning to its end. */
function SessionEvents({ session }: { readonly session: DeliverySession }) {
  const { t } = useTranslation("connections");
  const { opened, answered, closed, close_code, close_reason, events, address, client_id, transport, dropped } = session;
  const end = [close_code, close_reason].filter(Boolean).join(" ");
  return (
    <ol className={styles["events"]}>
      <li><When at={opened} exact /> {t("event.opened", { client: client_id, transport: t(`transport.${transport}`), address })}</li>
      {dropped !== undefined && <li className="soft">{t("event.dropped", { count: dropped })}</li>}
      {events.map(({ event, at, offset, since, recovered, replayed_from, replayed_to, interval_ms, reason }, place) => (
        <li key={place}>
          <When at={at} exact />{" "}
          {[
            t(`event.${event}`),
            offset !== undefined && t("event.at", { offset: count(offset) }),
            since !== undefined && t("event.since", { offset: count(since) }),
            replayed_from !== undefined && t("event.replayed", { from: count(replayed_from), to: count(replayed_to) }),
            recovered === false && t("event.unrecovered"),
            interval_ms !== undefined && t("event.interval", { interval: milliseconds(interval_ms) }),
            reason,
          ].filter(Boolean).join(" · ")}
        </li>
      ))}
      {answered && <li><When at={answered} exact /> {t("event.answered")}</li>}
      {closed && <li><When at={closed} exact /> {end ? t("event.closed", { end }) : t("event.ended")}</li>}
    </ol>
  );
}
