import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { MISSING } from "../format";

interface PartialProps {
  /** What the hub says of an answer that several processes gave. */
  readonly answer: { readonly partial?: true; readonly missing?: readonly string[] };
}

/** Says that an answer may not be the whole, and who is silent; nothing where it is. */
export function Partial({ answer: { partial, missing } }: PartialProps) {
  const { t } = useTranslation();
  return partial ? <Alert type="warning" showIcon message={t("partial", { nodes: missing?.join(", ") || MISSING })} /> : null;
}
