import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { AccountForm } from "../components/AccountForm";
import { Snippet } from "../components/Nothing";
import { useOffer } from "../hub/offer";
import { useSession } from "../hub/session";
import { tokenIn } from "../hub/token";
import styles from "./SignIn.module.css";

export const COMMAND = "tocsin token --user $USER --admin";

/** In place of the page while the hub doesn't let it in. */
export default function SignIn() {
  const { t } = useTranslation();
  const { refused, signedIn } = useSession();
  const { agents: accounts = false, registration = false } = useOffer().data ?? {};
  const [way, setWay] = useState<"account" | "token">();
  const byAccount = accounts && way !== "token" && !(signedIn && refused);
  return (
    <div className={styles["place"]}>
      <section className={styles["card"]}>
        <h1>{t("signIn.title")}</h1>
        {signedIn && refused && <Alert type="error" showIcon message={t("signIn.refused")} description={refused.message} />}
        {byAccount ? (
          <>
            <AccountForm registration={registration} />
            <Button type="link" onClick={() => setWay("token")}>{t("signIn.byToken")}</Button>
          </>
        ) : (
          <>
            <p className="soft">{t("signIn.about")}</p>
            <TokenForm action={t("signIn.action")} />
            <p className="soft"><Trans i18nKey="signIn.how" components={{ code: <code /> }} /></p>
            <Snippet>{COMMAND}</Snippet>
            {accounts && <Button type="link" onClick={() => setWay("account")}>{t("signIn.byAccount")}</Button>}
          </>
        )}
      </section>
    </div>
  );
}

/** The field for a token, and what is wrong with what stands in it. */
export function TokenForm({ action }: { readonly action: string }) {
  const { t } = useTranslation();
  const { signIn } = useSession();
  const [fault, setFault] = useState<string>();
  const submit = ({ token = "" }: { token?: string }) => {
    const value = tokenIn(token);
    setFault(value ? undefined : token.trim() ? t("signIn.notAToken") : t("signIn.empty"));
    if (value) signIn(value);
  };
  return (
    <Form layout="vertical" onFinish={submit} requiredMark={false} className={styles["form"] ?? ""}>
      <Form.Item label={t("signIn.token")} name="token" validateStatus={fault ? "error" : ""} help={fault}>
        <Input.Password autoFocus autoComplete="off" spellCheck={false} className="mono" onChange={() => setFault(undefined)} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block>{action}</Button>
    </Form>
  );
}
