/** Makes the numbers of citations in a text, such as `[1]`, links to `#citation-1`. */

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  children?: Node[];
}

const NUMBERS = /\[(\d{1,3})\]/g;

/** Splits a text at the numbers that stand for a citation. */
export function parted(text: string, cited: readonly number[]): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let from = 0;
  for (const found of text.matchAll(NUMBERS)) {
    const number = Number(found[1]);
    if (!cited.includes(number)) continue;
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(number);
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** For remark: outside of code and links. */
export const remarkCitations = (cited: readonly number[]) => (tree: Node): void => {
  if (cited.length) visit(tree, cited);
};

function visit(node: Node, cited: readonly number[]): void {
  if (!node.children || node.type === "link") return;
  node.children = node.children.flatMap((child): Node[] => {
    visit(child, cited);
    if (child.type !== "text" || !child.value) return [child];
    return parted(child.value, cited).map((part) =>
      typeof part === "string" ? { type: "text", value: part } : { type: "link", url: `#citation-${part}`, children: [{ type: "text", value: String(part) }] },
    );
  });
}
