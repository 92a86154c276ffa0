import { Alert, Button, Form, Input, Segmented } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { HubError } from "tocsin-client";
import { errorText } from "../hub/errors";
import { faultsOf, type Faults } from "../hub/faults";
import { useSession } from "../hub/session";
import styles from "./AccountForm.module.css";

type Mode = "signIn" | "register";

interface Entered {
  readonly name?: string;
  readonly email?: string;
  readonly password?: string;
}

/** Characters that a password has at least. */
const SHORTEST = 10;

const FIELDS = ["name", "email", "password"] as const;

/** The hub says the same of an unknown address and of a wrong password. */
const isWrong = (error: unknown): boolean => error instanceof HubError && error.code === "unauthenticated";

/** Signing in with an account, or making one where the hub lets anybody. Whoever is shown it goes on where they are. */
export function AccountForm({ registration }: { readonly registration: boolean }) {
  const { t } = useTranslation();
  const { account } = useSession();
  const [mode, setMode] = useState<Mode>("signIn");
  const [waits, setWaits] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [faults, setFaults] = useState<Faults>({});
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => void (there.current = false);
  }, []);
  const turn = (next: Mode) => {
    setMode(next);
    setFault(undefined);
    setFaults({});
  };
  const submit = async ({ name = "", email = "", password = "" }: Entered) => {
    const missing: Record<string, string> = {};
    if (!email.trim()) missing["email"] = t("account.needed");
    if (!password) missing["password"] = t("account.needed");
    else if (mode === "register" && password.length < SHORTEST) missing["password"] = t("account.short", { count: SHORTEST });
    setFaults(missing);
    setFault(undefined);
    if (Object.keys(missing).length) return;
    setWaits(true);
    try {
      await (mode === "signIn" ? account.signIn(email.trim(), password) : account.register({ email: email.trim(), password, ...(name.trim() && { name: name.trim() }) }));
    } catch (error) {
      if (!there.current) return;
      const found = faultsOf(error, FIELDS);
      setFaults(found);
      setFault(Object.keys(found).some(Boolean) ? undefined : error);
    } finally {
      if (there.current) setWaits(false);
    }
  };
  const help = (field: string) => ({ validateStatus: faults[field] ? ("error" as const) : ("" as const), help: faults[field] });
  const registers = mode === "register";
  return (
    <div className={styles["account"]}>
      {account.ended && fault === undefined && <Alert type="info" showIcon message={t("account.ended")} />}
      {registration && <Segmented<Mode> block value={mode} onChange={turn} aria-label={t("account.mode")} options={[{ value: "signIn", label: t("account.signIn") }, { value: "register", label: t("account.register") }]} />}
      <Form layout="vertical" requiredMark={false} onFinish={(entered: Entered) => void submit(entered)} initialValues={{ email: account.ended?.email ?? "" }} onValuesChange={() => setFaults({})} disabled={waits}>
        {registers && (
          <Form.Item name="name" label={t("account.name")} {...help("name")}>
            <Input autoComplete="name" maxLength={100} placeholder={t("account.optional")} />
          </Form.Item>
        )}
        <Form.Item name="email" label={t("account.email")} {...help("email")}>
          <Input type="email" inputMode="email" autoComplete="username" autoFocus={!account.ended} spellCheck={false} />
        </Form.Item>
        <Form.Item name="password" label={t("account.password")} extra={registers && !faults["password"] ? t("account.passwordAbout", { count: SHORTEST }) : undefined} {...help("password")}>
          <Input.Password autoFocus={account.ended !== undefined} autoComplete={registers ? "new-password" : "current-password"} />
        </Form.Item>
        {fault !== undefined && <Alert type="error" showIcon message={isWrong(fault) ? t("account.wrong") : errorText(fault, t)} className={styles["fault"] ?? ""} />}
        <Button type="primary" htmlType="submit" block size="large" loading={waits}>{registers ? t("account.makeIt") : t("account.signIn")}</Button>
      </Form>
    </div>
  );
}
