import { allExpanded, collapseAllNested, JsonView } from "react-json-view-lite";
import styles from "./Json.module.css";

const PARTS = [
  "container", "basicChildStyle", "label", "clickableLabel", "nullValue", "undefinedValue", "numberValue", "stringValue",
  "booleanValue", "otherValue", "punctuation", "collapseIcon", "expandIcon", "collapsedContent", "childFieldsContainer",
] as const;

const STYLE = {
  ...Object.fromEntries(PARTS.map((part) => [part, styles[part] ?? ""])),
  noQuotesForStringValues: false,
  quotesForFieldNames: false,
  stringifyStringValues: true,
} as const;

/** Fields up to which a value is shown open. */
const SMALL = 40;

const size = (value: unknown): number =>
  typeof value === "object" && value !== null ? Object.values(value).reduce<number>((sum, part) => sum + size(part), 1) : 1;

/** JSON as a tree that opens and closes. Its texts are text, whatever they hold. */
export function Json({ value }: { readonly value: unknown }) {
  if (typeof value !== "object" || value === null) return <code className={styles["plain"]}>{JSON.stringify(value)}</code>;
  return <JsonView data={value} style={STYLE as never} shouldExpandNode={size(value) <= SMALL ? allExpanded : collapseAllNested} clickToExpandNode />;
}
