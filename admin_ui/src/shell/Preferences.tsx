import { BgColorsOutlined, GlobalOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useSession } from "../hub/session";
import { chooseLanguage, LANGUAGES, useLanguage, type Language } from "../i18n/language";
import { useTheme, type Choice } from "../theme/theme";

const CHOICES: readonly Choice[] = ["system", "light", "dark"];

/** Language, colours, and who this is. */
export function Preferences() {
  const { t } = useTranslation();
  const { choice, choose } = useTheme();
  const language = useLanguage();
  const { user, operator, signedIn, signOut, member } = useSession();
  const languages = Object.entries(LANGUAGES).map(([key, label]) => ({ key, label }));
  const colours = CHOICES.map((key) => ({ key, label: t(`theme.${key}`) }));
  const who = [signedIn ? (member?.label || user || t("shell.noUser")) : t("shell.open"), operator ? t("shell.operator") : ""].filter(Boolean).join(" · ");
  const chats = member && !signedIn ? member : undefined; // on an open hub: an account for what is one's own
  const account = [
    { key: "who", label: who, disabled: true },
    ...(chats ? [{ key: "member", label: t("account.as", { who: chats.label }), disabled: true }] : []),
    ...(signedIn || chats ? [{ key: "out", label: t("shell.signOut"), onClick: signOut }] : []),
  ];
  return (
    <>
      <Dropdown trigger={["click"]} menu={{ items: languages, selectable: true, selectedKeys: [language], onClick: ({ key }) => void chooseLanguage(key as Language) }}>
        <Button type="text" icon={<GlobalOutlined />} aria-label={t("shell.language")} />
      </Dropdown>
      <Dropdown trigger={["click"]} menu={{ items: colours, selectable: true, selectedKeys: [choice], onClick: ({ key }) => choose(key as Choice) }}>
        <Button type="text" icon={<BgColorsOutlined />} aria-label={t("shell.colours")} />
      </Dropdown>
      <Dropdown trigger={["click"]} menu={{ items: account }}>
        <Button type="text" icon={<UserOutlined />} aria-label={t("shell.account")} />
      </Dropdown>
    </>
  );
}
