import { Skeleton } from "antd";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Trans, useTranslation } from "react-i18next";
import { HubError } from "tocsin-client";
import { http, type AnyPaths } from "tocsin-client/http";
import { MemberProvider, useMyList } from "../hub/member";
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
  const on = useHasAccounts();
  if (on === false) return <Off title={title} />;
  if (on === undefined) return <Waiting />;
  return (
    <div className={styles["place"]}>
      <section className={styles["card"]}>
        <header>
          <h1>{t("account.title")}</h1>
          <p className="soft">{t("account.about")}</p>
        </header>
        <AccountForm />
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

/** Whether the hub has accounts; `undefined` until it said so. A refresh token that is none tells: without accounts there isn't even that. */
export function useHasAccounts(enabled = true): boolean | undefined {
  const { address } = useSession();
  const { data } = useQuery({
    queryKey: ["accounts"],
    queryFn: async ({ signal }) => {
      try {
        await http<AnyPaths>(address).post("/auth/refresh", { body: { refresh_token: "-" }, signal });
      } catch (error) {
        if (isOff(error)) return false;
        if (error instanceof HubError && error.status === undefined) throw error;
      }
      return true;
    },
    staleTime: Infinity,
    enabled,
  });
  return data;
}
