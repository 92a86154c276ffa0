import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";
import { SpanPicker } from "../../components/Span";
import { useSession } from "../../hub/session";
import { Activity } from "./Activity";
import { Charts } from "./Charts";
import { Hosts } from "./Hosts";
import styles from "./Overview.module.css";
import { Processes } from "./Processes";
import { State } from "./State";
import { Tiles } from "./Tiles";
import { FOR_ALL, FOR_OPERATORS, usePulse, type Pulse } from "./usePulse";

export default function Overview() {
  return useSession().operator ? <ForOperators /> : <ForAll />;
}

function ForOperators() {
  const pulse = usePulse(FOR_OPERATORS);
  // A hub whose `hub_stats` are switched off tells operators what it tells everybody.
  return pulse.error ? <ForAll off /> : <Filled pulse={pulse} all />;
}

function ForAll({ off = false }: { readonly off?: boolean }) {
  const pulse = usePulse(FOR_ALL);
  const { operator, link } = useSession();
  const { t } = useTranslation("overview");
  const told = link.life > 0 || operator !== undefined; // the hub has said who this is
  return <Filled pulse={pulse} all={false} less={told ? t(off ? "less.off" : "less.operators") : undefined} />;
}

interface FilledProps {
  readonly pulse: Pulse;
  /** The numbers for operators are there. */
  readonly all: boolean;
  /** Why there are fewer. */
  readonly less?: string | undefined;
}

function Filled({ pulse, all, less }: FilledProps) {
  const { t } = useTranslation("overview");
  return (
    <Page title={t("title")} about={t("about")} actions={<SpanPicker label={t("span")} />}>
      <State pulse={pulse} />
      <Tiles pulse={pulse} all={all} less={less} />
      <Charts pulse={pulse} all={all} />
      <Processes pulse={pulse} all={all} />
      <div className={styles["last"]}>
        <Activity pulse={pulse} />
        <Hosts pulse={pulse} />
      </div>
    </Page>
  );
}
