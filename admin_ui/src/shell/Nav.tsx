import { Tooltip } from "antd";
import { LockOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useSession } from "../hub/session";
import { PAGES, type Group } from "../pages";
import styles from "./Nav.module.css";

const GROUPS: readonly Group[] = ["hub", "people", "platform", "work"];

/** The menu. What the token may not see is there no link. */
export function Nav() {
  const { t } = useTranslation();
  const { operator } = useSession();
  return (
    <nav className={styles["nav"]} aria-label={t("shell.pages")}>
      {GROUPS.map((group) => (
        <section key={group}>
          <h2>{t(`group.${group}`)}</h2>
          <ul>
            {PAGES.filter((page) => page.group === group).map(({ name, icon: Icon, operators }) => (
              <li key={name}>
                {operators && operator === false ? (
                  <Tooltip title={t("error.operatorsOnly")} placement="right">
                    <span className={styles["locked"]} aria-disabled="true">
                      <Icon aria-hidden /> {t(`page.${name}`)} <LockOutlined aria-hidden className={styles["lock"]} />
                    </span>
                  </Tooltip>
                ) : (
                  <NavLink to={`/${name}`}><Icon aria-hidden /> {t(`page.${name}`)}</NavLink>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
