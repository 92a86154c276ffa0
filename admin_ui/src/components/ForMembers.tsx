import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { Trans, useTranslation } from "react-i18next";
import { HubError } from "tocsin-client";
import { MemberProvider, useMyList } from "../hub/member";
import { useOffer } from "../hub/offer";
import { useSession } from "../hub/session";
import { AccountForm } from "./AccountForm";
import styles from "./ForMembers.module.css";
import { isOff } from "./Loaded";
import { Failed, SwitchOn } from "./Nothing";
import { Page } from "./Page";
import { Panel } from "./Panel";

const SNIPPET = `agents:
  enabled: true`;

/** What belongs to a user: asks who that is, says when agents are off, and shows the rest when all is there. */
export function ForMembers({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { member } = useSession();
  if (!member) return <Door title={title} />;
  return (
    <MemberProvider membership={member}>
      <Ready title={title}>{children}</Ready>
    </MemberProvider>
  );
}

function Ready({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { account, member } = useSession();
  const { data, error, refetch } = useMyList("/my/agents/");
  if (data) return <>{children}</>;
  if (isOff(error)) return <Off title={title} />;
  if (isForeign(error) && !member?.shared && account.user) return <Door title={title} />;
  if (error) return <Failed error={error} retry={refetch} />;
  return <Waiting />;
}

/** The hub doesn't take the token any more. */
const isForeign = (error: unknown): boolean => error instanceof HubError && (error.code === "unauthenticated" || error.code === "invalid_token");

/** Signing in, on a hub that has accounts. */
function Door({ title }: { readonly title: string }) {
  const { t } = useTranslation();
  const { data: offer, error, refetch } = useOffer();
  if (!offer) return error ? <Failed error={error} retry={refetch} /> : <Waiting />;
  if (!offer.agents) return <Off title={title} />;
  return (
    <div className={styles["place"]}>
      <section className={styles["card"]}>
        <header>
          <h1>{t("account.title")}</h1>
          <p className="soft">{t(offer.registration ? "account.about" : "account.aboutClosed")}</p>
        </header>
        <AccountForm registration={offer.registration} />
      </section>
    </div>
  );
}

function Off({ title }: { readonly title: string }) {
  const { t } = useTranslation();
  return (
    <Page title={title}>
      <Panel>
        <SwitchOn title={t("account.off")} snippet={SNIPPET}>
          <Trans i18nKey="account.offAbout" components={{ code: <code /> }} />
        </SwitchOn>
      </Panel>
    </Page>
  );
}

const Waiting = () => (
  <div className={styles["waiting"]} aria-busy="true">
    <Skeleton active title={false} paragraph={{ rows: 6 }} />
  </div>
);
