import type { Gap, Publication } from "tocsin-client";
import { compact } from "./text";

/** What a list of messages is made of: messages, and the places where something is missing. */
export type Line = Publication | Gap;

export const isGap = (line: Line): line is Gap => "reason" in line;

export interface Wanted {
  /** Part of the type, the key or the data; letters of any size. */
  readonly words: string;
  /** Empty for all. */
  readonly types: readonly string[];
}

/** Characters of a message that are searched. */
const SEARCHED = 20_000;

const searched = new WeakMap<Publication, string>();

function textOf(publication: Publication): string {
  let text = searched.get(publication);
  if (text === undefined) {
    text = `${publication.type} ${publication.key ?? ""} ${compact(publication.data, SEARCHED)}`.toLowerCase();
    searched.set(publication, text);
  }
  return text;
}

/** Tells whether a message is one that was asked for. */
export function matcher({ words, types }: Wanted): ((publication: Publication) => boolean) | undefined {
  const wanted = words.trim().toLowerCase();
  if (!wanted && !types.length) return undefined;
  const chosen = new Set(types);
  return (publication) => (!chosen.size || chosen.has(publication.type)) && (!wanted || textOf(publication).includes(wanted));
}

/** The lines to show, oldest first: gaps stand where something is missing, also before messages that weren't asked for. */
export function linesOf(publications: readonly Publication[], wanted: Wanted, gaps: readonly Gap[] = []): readonly Line[] {
  const matches = matcher(wanted);
  const lines: Line[] = [];
  let placed: Gap | undefined;
  for (const publication of publications) {
    if (publication.gap) lines.push((placed = publication.gap));
    if (!matches || matches(publication)) lines.push(publication);
  }
  // Until the next message comes, the newest gap is nobody's.
  const newest = gaps.at(-1);
  if (newest && newest !== placed && !passed(newest, publications.at(-1))) lines.push(newest);
  return lines;
}

/** A message behind the gap is there: the gap has its place, or went out of the list with it. */
const passed = (gap: Gap, last: Publication | undefined): boolean => {
  const end = gap.to ?? gap.from;
  if (!last || !end) return last?.epoch === undefined && last !== undefined;
  return last.epoch === end.epoch && (last.offset ?? 0) > end.offset;
};

/** Messages that a later one with the same key has replaced. */
export function replacedIn(publications: readonly Publication[]): ReadonlySet<Publication> {
  const replaced = new Set<Publication>();
  const later = new Set<string>();
  for (let at = publications.length - 1; at >= 0; at--) {
    const publication = publications[at];
    if (publication?.key === undefined) continue;
    if (later.has(publication.key)) replaced.add(publication);
    else later.add(publication.key);
  }
  return replaced;
}

/** Types that a filter offers at most. */
const MOST_TYPES = 200;

/** Adds the types of the newest `fresh` messages; the same array when there is no new one. */
export function withTypes(known: readonly string[], publications: readonly Publication[], fresh: number): readonly string[] {
  if (known.length >= MOST_TYPES) return known;
  const all = new Set(known);
  for (const { type } of publications.slice(-Math.min(fresh, publications.length) || publications.length)) all.add(type);
  return all.size === known.length ? known : [...all].sort().slice(0, MOST_TYPES);
}

/** Where a message is: `epoch:offset`; `undefined` where the channel keeps no positions. */
export const positionText = ({ epoch, offset }: { readonly epoch?: string | undefined; readonly offset?: number | undefined }): string | undefined =>
  epoch === undefined || offset === undefined ? undefined : `${epoch}:${offset}`;

/** How many messages a gap holds; `undefined` where that isn't known. */
export const missingIn = ({ from, to }: Gap): number | undefined =>
  from && to && from.epoch === to.epoch && to.offset > from.offset ? to.offset - from.offset : undefined;

/** Whether a value has an integer that JavaScript can't hold exactly: it was rounded when it came. */
export function hasRounded(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasRounded);
}
