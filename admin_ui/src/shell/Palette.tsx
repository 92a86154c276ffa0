import { Modal } from "antd";
import { Command } from "cmdk";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAnswer } from "../hub/api";
import { useSession } from "../hub/session";
import { chooseLanguage, LANGUAGES, type Language } from "../i18n/language";
import { PAGES } from "../pages";
import { useTheme, type Choice } from "../theme/theme";
import styles from "./Palette.module.css";

/** What a user does with agents, by its address. */
const WORKS = [["/chat/new", "newChat"], ["/agents/new", "newAgent"]] as const;

/** The command palette: pages, channels, and what can be set. */
export default function Palette({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { member, signedIn, signOut, operator } = useSession();
  const { choose } = useTheme();
  const channels = useAnswer("/api/channels").data?.channels ?? [];
  const field = useRef<HTMLInputElement>(null);
  const then = (act: () => unknown) => () => {
    close();
    void act();
  };
  return (
    <Modal open afterOpenChange={() => field.current?.focus()} footer={null} closable={false} onCancel={close} width={600} styles={{ content: { padding: 0, overflow: "hidden" } }} style={{ top: "12vh" }} transitionName="">
      <Command label={t("shell.find")} className={styles["palette"] ?? ""} loop>
        <Command.Input ref={field} placeholder={t("palette.placeholder")} className={styles["input"] ?? ""} />
        <Command.List className={styles["list"] ?? ""}>
          <Command.Empty className={styles["empty"] ?? ""}>{t("palette.nothing")}</Command.Empty>
          <Command.Group heading={t("palette.pages")}>
            {PAGES.filter(({ operators }) => !operators || operator !== false).map(({ name, icon: Icon, key }) => (
              <Command.Item key={name} value={`${t(`page.${name}`)} ${name}`} onSelect={then(() => navigate(`/${name}`))}>
                <Icon aria-hidden /> {t(`page.${name}`)} <kbd>g {key}</kbd>
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading={t("page.chat")}>
            {WORKS.map(([path, name]) => (
              <Command.Item key={path} value={`${t(`palette.${name}`)} ${path}`} onSelect={then(() => navigate(path))}>{t(`palette.${name}`)}</Command.Item>
            ))}
          </Command.Group>
          {channels.length > 0 && (
            <Command.Group heading={t("page.channels")}>
              {channels.map(({ channel }) => (
                <Command.Item key={channel} value={`# ${channel}`} onSelect={then(() => navigate(`/channels/${encodeURIComponent(channel)}`))}>
                  <span className="mono">{channel}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          <Command.Group heading={t("palette.settings")}>
            {(["system", "light", "dark"] satisfies Choice[]).map((choice) => (
              <Command.Item key={choice} value={`${t("shell.colours")} ${t(`theme.${choice}`)}`} onSelect={then(() => choose(choice))}>
                {t("shell.colours")}: {t(`theme.${choice}`)}
              </Command.Item>
            ))}
            {Object.entries(LANGUAGES).map(([language, name]) => (
              <Command.Item key={language} value={`${t("shell.language")} ${name}`} onSelect={then(() => chooseLanguage(language as Language))}>
                {t("shell.language")}: {name}
              </Command.Item>
            ))}
            {(signedIn || member) && <Command.Item onSelect={then(signOut)}>{t("shell.signOut")}</Command.Item>}
          </Command.Group>
        </Command.List>
      </Command>
    </Modal>
  );
}
