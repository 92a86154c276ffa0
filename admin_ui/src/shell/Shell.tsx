import { MenuOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Drawer, Tooltip } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router";
import { useSession } from "../hub/session";
import bell from "./bell.svg";
import { LinkBar, LinkState } from "./LinkState";
import { Nav } from "./Nav";
import { Preferences } from "./Preferences";
import styles from "./Shell.module.css";
import { useShortcuts } from "./shortcuts";

const loadPalette = () => import("./Palette");
const Palette = lazy(loadPalette);
const SignIn = lazy(() => import("./SignIn"));
const Renewal = lazy(() => import("./Renewal"));
const Shortcuts = lazy(() => import("./Shortcuts"));

const MODIFIER = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";

type Overlay = "palette" | "shortcuts" | "menu" | undefined;

/** What is around every page: the menu, the state of the connection, the palette, and signing in. */
export function Shell() {
  const { t } = useTranslation();
  const { refused, renewing } = useSession();
  const [overlay, setOverlay] = useState<Overlay>();
  const close = () => setOverlay(undefined);
  const { pathname } = useLocation();
  // The palette closes itself before it leads anywhere; who calls it again at once has it.
  useEffect(() => setOverlay((open) => (open === "palette" ? open : undefined)), [pathname]);
  // Who presses Ctrl+K types on at once. While the hub is away it can't be had; then it is loaded when it is wanted.
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), 1_500);
    return () => clearTimeout(timer);
  }, []);
  useShortcuts({ palette: () => setOverlay("palette"), help: () => setOverlay("shortcuts") });
  return (
    <div className={styles["shell"]}>
      <button type="button" className={styles["skip"]} onClick={() => document.getElementById("content")?.focus()}>{t("shell.skip")}</button>
      <aside className={styles["side"]}>
        <Brand />
        <Nav />
      </aside>
      <header className={styles["top"]}>
        <Button className={styles["menu"] ?? ""} type="text" icon={<MenuOutlined />} aria-label={t("shell.menu")} onClick={() => setOverlay("menu")} />
        <LinkState />
        <span className={styles["space"]} />
        <Tooltip title={`${MODIFIER} K`}>
          <button type="button" className={styles["find"]} aria-keyshortcuts="Control+K" onClick={() => setOverlay("palette")}>
            <SearchOutlined aria-hidden />
            <span className={styles["word"]}>{t("shell.find")}</span>
            <kbd aria-hidden>{MODIFIER} K</kbd>
          </button>
        </Tooltip>
        <Preferences />
      </header>
      <main id="content" className={styles["main"]} tabIndex={-1}>
        <LinkBar />
        <Suspense fallback={null}>{refused ? <SignIn /> : <Outlet />}</Suspense>
      </main>
      <Drawer open={overlay === "menu"} onClose={close} placement="left" width={272} title={<Brand />} styles={{ body: { padding: 12 } }}>
        <Nav />
      </Drawer>
      <Suspense fallback={null}>
        {overlay === "palette" && <Palette close={close} />}
        {overlay === "shortcuts" && <Shortcuts close={close} />}
        {renewing && <Renewal />}
      </Suspense>
    </div>
  );
}

function Brand() {
  return (
    <div className={styles["brand"]}>
      <img src={bell} width={26} height={26} alt="" />
      Tocsin
    </div>
  );
}
