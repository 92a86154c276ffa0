import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { Badge } from "../../components/Badge";
import { When } from "../../components/When";
import { count, measure, milliseconds } from "../../format";
import { useAnswer } from "../../hub/api";
import { useSession } from "../../hub/session";
import { EntryLink } from "./EntryLink";
import { type Event, TONES } from "./events";
import { Facts } from "../../components/Facts";
import styles from "./Firewall.module.css";
import { Flags } from "./Flags";
import { CheckId } from "./VerdictView";
import { StatusBadge } from "./words";
import { AuditedView } from "./AuditedView";

/** All that a message of the channel tells, and what the books have of its check. */
export function EventDrawer({ event, close }: { readonly event: Event | undefined; close(): void }) {
  const { t } = useTranslation("firewall");
  const { operator } = useSession();
  const checked = event && event.type !== "error_passed" && event.check;
  return (
    <Drawer open={event !== undefined} onClose={close} width={620} title={t("live.details")} destroyOnHidden>
      {event && (
        <div className={styles["stack"]}>
          <EventView event={event} />
          {checked && operator && <FromTheBooks check={checked} operation={event.operation} />}
        </div>
      )}
    </Drawer>
  );
}

function EventView({ event }: { readonly event: Event }) {
  const { t } = useTranslation("firewall");
  const { type, match, score, confidence } = event;
  const counts = t("confidence.counts", { successes: count(event.successes), failures: count(event.failures) });
  return (
    <div className={styles["verdict"]}>
      <div className={styles["buttons"]}>
        <Badge tone={TONES[type]} dot>{t(`event.${type}`)}</Badge>
        <Flags degraded={event.degraded} wouldBlock={event.wouldBlock} />
        <span className="mono">{event.operation}</span>
      </div>
      <p className={styles["why"]}>{event.why}</p>
      <Facts
        items={[
          [t("field.message"), event.message && <span className={styles["text"]}>{event.message}</span>],
          [t("field.solution"), event.solution && <span className={styles["text"]}>{event.solution}</span>],
          [t("field.errorType"), event.errorType],
          [t("field.match"), match && [t(`match.${match}`), score !== null && t("match.score", { score: measure(score) })].filter(Boolean).join(", ")],
          [t("field.record"), event.record && <EntryLink id={event.record} />],
          [t("field.rule"), event.rule && <EntryLink id={event.rule} rule />],
          [t("field.status"), event.stage && <StatusBadge status={event.stage} />],
          [t("field.confidence"), confidence !== null && `${measure(confidence)} (${counts})`],
          [t("field.occurrences"), event.occurrences !== null && count(event.occurrences)],
          [t("field.count"), event.count > 1 && count(event.count)],
          [t("field.actor"), event.actor],
          [t("field.reason"), event.reason],
          [t("field.at"), <When key="at" at={event.timestamp} exact />],
          [t("field.ms"), event.ms !== null && milliseconds(event.ms)],
          [t("field.check"), event.check && <CheckId id={event.check} />],
        ]}
      />
    </div>
  );
}

/** Verdicts of the operation among which the one that was clicked is looked for. */
const NEWEST = 200;

/** The parameters, which aren't published: they stand in the books, a moment after the verdict. */
function FromTheBooks({ check, operation }: { readonly check: string; readonly operation: string }) {
  const { t } = useTranslation("firewall");
  const books = useAnswer("/api/firewall/verdicts", { query: { operation, limit: NEWEST } });
  const audited = books.data?.verdicts.find(({ verdict }) => verdict.check_id === check);
  if (audited) return <AuditedView audited={audited} bare />;
  return <p className="soft">{books.isPending ? t("books.looking") : t("books.notFound")}</p>;
}
