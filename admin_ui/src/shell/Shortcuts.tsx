import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { PAGES } from "../pages";
import styles from "./Shortcuts.module.css";

/** All keys, in a dialog. */
export default function Shortcuts({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [t("shell.find"), ["Ctrl", "K"]],
    [t("shortcut.search"), ["/"]],
    [t("shortcut.help"), ["?"]],
    ...PAGES.map(({ name, key }) => [t(`page.${name}`), ["g", key]] as const),
  ];
  return (
    <Modal open title={t("shortcut.title")} footer={null} onCancel={close}>
      <dl className={styles["keys"]}>
        {rows.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
