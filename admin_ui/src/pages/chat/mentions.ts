/** `@` in what is being written: which name is begun, and what it may become. */

export interface Begun {
  /** Where the `@` is. */
  readonly start: number;
  /** What stands behind it so far. */
  readonly query: string;
}

/** What may stand before an `@` that calls somebody: nothing of a word, an address or a path. */
const BEGINNING = /(^|[^\p{L}\p{N}@.+\-_/\\%=&#~$])@([\p{L}\p{N}][\p{L}\p{N}\p{M}_-]{0,63})?$/u;

/** Finds the name that is being written before the caret; none in code. */
export function begunAt(text: string, caret: number): Begun | undefined {
  const before = text.slice(0, caret);
  const found = BEGINNING.exec(before);
  if (!found || isInCode(before)) return undefined;
  const query = found[2] ?? "";
  return { start: caret - query.length - 1, query };
}

/** Whether a text ends in code that nothing has closed yet. */
function isInCode(before: string): boolean {
  const fences = before.match(/^ {0,3}(`{3,}|~{3,})/gm) ?? [];
  if (fences.length % 2) return true;
  const paragraph = before.slice(before.lastIndexOf("\n\n") + 1).replace(/^ {0,3}`{3,}.*$/gm, "");
  return (paragraph.match(/`/g) ?? []).length % 2 === 1;
}

/** Puts a name where one was begun; gives the text and where the caret goes. */
export function completed(text: string, { start, query }: Begun, name: string): { readonly text: string; readonly caret: number } {
  const rest = text.slice(start + 1 + query.length);
  const blank = /^\s/.test(rest) ? "" : " ";
  return { text: `${text.slice(0, start)}@${name}${blank}${rest}`, caret: start + 1 + name.length + 1 };
}

/** Names that fit, those that begin so first. */
export function fitting<Named extends { readonly name: string }>(named: readonly Named[], query: string, most = 8): readonly Named[] {
  const wanted = query.normalize("NFC").toLocaleLowerCase();
  const rank = ({ name }: Named): number => {
    const at = name.normalize("NFC").toLocaleLowerCase().indexOf(wanted);
    return at < 0 ? Infinity : at === 0 ? 0 : 1;
  };
  return named.filter((one) => rank(one) < Infinity).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)).slice(0, most);
}

/** Whether a text calls somebody: then the hub finds out whom. */
export function calls(text: string): boolean {
  const plain = text.replace(/^ {0,3}(`{3,}|~{3,})[^]*?(^ {0,3}\1|$(?![^]))/gm, " ").replace(/(`+)[^`][^]*?\1/g, " ").replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, " ");
  return /(^|[^\p{L}\p{N}@.+\-_/\\%=&#~$])@[\p{L}\p{N}]/u.test(plain);
}
