import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { Snippet } from "../components/Nothing";
import { useSession } from "../hub/session";
import { COMMAND, TokenForm } from "./SignIn";

/** Over the page when the token is about to end: the page goes on with the next one, without loading again. */
export default function Renewal() {
  const { t } = useTranslation();
  const { signOut } = useSession();
  return (
    <Modal open title={t("signIn.renewTitle")} footer={null} onCancel={signOut} maskClosable={false} destroyOnHidden>
      <p className="soft">{t("signIn.renewAbout")}</p>
      <TokenForm action={t("signIn.renew")} />
      <Snippet>{COMMAND}</Snippet>
    </Modal>
  );
}
