import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { Json } from "../../components/Json";
import { When } from "../../components/When";
import { bytes } from "../../format";
import { sessionOf, VERDICT_TONES, type Delivery, type DeliverySession } from "./connections";
import styles from "./Connections.module.css";

interface DeliveryViewProps {
  readonly delivery: Delivery;
  readonly sessions: readonly DeliverySession[];
  readonly open: boolean;
}

/** One publication: whether it came, in a word and a sentence, and behind it the evidence of each session. */
export function DeliveryView({ delivery: { publication, verdict, explanation, evidence }, sessions, open }: DeliveryViewProps) {
  const { t } = useTranslation("connections");
  const { offset, type, timestamp, bytes: size, data, in_history } = publication;
  return (
    <details className={styles["delivery"]} open={open}>
      <summary>
        <span className="mono">{offset}</span>
        <Badge tone={VERDICT_TONES[verdict]}>{t(`verdict.${verdict}`)}</Badge>
        <span className={styles["about"]}>
          {type && <strong>{type}</strong>} {timestamp && <When at={timestamp} exact />} <span className="soft">{in_history ? bytes(size) : t("why.gone")}</span>
        </span>
      </summary>
      <p className={styles["explanation"]}>{explanation}</p>
      {evidence.map((piece) => (
        <section key={piece.session} className={styles["evidence"]}>
          <h3>
            <span className="mono">{piece.session}</span> <Badge tone={VERDICT_TONES[piece.verdict]}>{t(`verdict.${piece.verdict}`)}</Badge>
          </h3>
          <p className="soft">{piece.explanation}</p>
          <SessionEvents session={sessionOf(sessions, piece.session)} />
        </section>
      ))}
      {data !== undefined && <Json value={data} />}
    </details>
  );
}

/** What a session had to do with the channel, from its beginning to its end. */
function SessionEvents({ session }: { readonly session: DeliverySession | undefined }) {
  const { t } = useTranslation("connections");
  if (!session) return null;
  const { opened, closed, close_code, close_reason, events, address, transport, dropped } = session;
  return (
    <ol className={styles["events"]}>
      <li><When at={opened} exact /> {t("event.opened", { transport: t(`transport.${transport}`), address })}</li>
      {dropped !== undefined && <li className="soft">{t("event.dropped", { count: dropped })}</li>}
      {events.map(({ event, at, offset, since, recovered, replayed_from, replayed_to, reason }, place) => (
        <li key={place}>
          <When at={at} exact /> {t(`event.${event}`)}
          {offset !== undefined && ` · ${t("event.at", { offset })}`}
          {since !== undefined && ` · ${t("event.since", { offset: since })}`}
          {replayed_from !== undefined && ` · ${t("event.replayed", { from: replayed_from, to: replayed_to })}`}
          {recovered === false && ` · ${t("event.unrecovered")}`}
          {reason && ` · ${reason}`}
        </li>
      ))}
      {closed && <li><When at={closed} exact /> {t("event.closed", { code: close_code, reason: close_reason ?? "" })}</li>}
    </ol>
  );
}
