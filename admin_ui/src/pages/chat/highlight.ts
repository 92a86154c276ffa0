import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const lowlight = createLowlight({ bash, css, diff, go, ini, java, javascript, json, python, rust, sql, typescript, xml, yaml });

/** Text, or a part of the code of one kind: "keyword", "string" and so on. */
export type Piece = string | { readonly is: string; readonly pieces: readonly Piece[] };

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Node[];
}

/** Tells the parts of code apart; `undefined` for a language that isn't known. */
export function highlighted(text: string, language: string): readonly Piece[] | undefined {
  if (!lowlight.registered(language)) return undefined;
  return pieces(lowlight.highlight(language, text).children as readonly Node[]);
}

const pieces = (nodes: readonly Node[]): readonly Piece[] =>
  nodes.map(({ type, value = "", properties, children = [] }) => {
    if (type === "text") return value;
    const classes = Array.isArray(properties?.className) ? properties.className : [];
    return { is: String(classes[0] ?? "").replace(/^hljs-/, ""), pieces: pieces(children) };
  });
