import type { Publication } from "tocsin-client";
import { amount, fieldsOf, text, word } from "../../hub/fields";

/** What searches said on `vector_search`. Times are milliseconds since 1970, how long something took milliseconds. */

export const STAGES = ["embedding", "searching", "reranking"] as const;

export type Stage = (typeof STAGES)[number];

interface Ended {
  readonly key: string;
  readonly at: number;
  readonly collection: string | null;
  /** The query's text, as far as it goes out. */
  readonly query: string | null;
  /** The whole search, or the time until it failed. */
  readonly took: number | null;
  /** The whole of what was said. */
  readonly data: unknown;
}

export interface Completed extends Ended {
  readonly id: string | null;
  readonly topK: number | null;
  readonly results: number | null;
  readonly ef: number | null;
  readonly recall: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Searches that the recall was measured on. */
  readonly samples: number | null;
  /** Why every vector was compared; `null`: an index was used. */
  readonly exact: string | null;
  readonly parts: Readonly<Record<Stage, number | null>>;
}

export interface Unfinished extends Ended {
  readonly cancelled: boolean;
  readonly stage: Stage | null;
  readonly reason: string | null;
}

/** A search that began and hasn't ended yet, as far as it was heard. */
export interface UnderWay {
  readonly id: string;
  readonly since: number;
  /** When it last said something. */
  readonly at: number;
  /** In %. */
  readonly progress: number | null;
  readonly stage: Stage | null;
  readonly collection: string | null;
}

/** Oldest first. */
export interface Searches {
  readonly completed: readonly Completed[];
  readonly unfinished: readonly Unfinished[];
  readonly underWay: readonly UnderWay[];
}

/** Sorts messages, oldest first, by what became of the searches. */
export function searchesOf(publications: readonly Publication[]): Searches {
  const completed: Completed[] = [];
  const unfinished: Unfinished[] = [];
  const underWay = new Map<string, UnderWay>();
  for (const publication of publications) {
    const at = Date.parse(publication.timestamp);
    if (!Number.isFinite(at)) continue;
    if (publication.type === "search_completed") completed.push(completedOf(publication, at));
    else if (publication.type === "search_failed") unfinished.push(unfinishedOf(publication, at));
    follow(underWay, publication, at);
  }
  return { completed, unfinished, underWay: [...underWay.values()] };
}

function completedOf(publication: Publication, at: number): Completed {
  const said = fieldsOf<"search_completed">(publication);
  return {
    ...endedOf(publication, at),
    id: text(said.query_id),
    topK: amount(said.top_k),
    results: amount(said.results_count),
    ef: amount(said.ef_search),
    recall: amount(said.recall_estimated),
    low: amount(said.recall_low),
    high: amount(said.recall_high),
    samples: amount(said.recall_samples),
    exact: text(said.exact_reason),
    parts: { embedding: amount(said.embed_ms), searching: amount(said.search_ms), reranking: amount(said.rerank_ms) },
  };
}

function unfinishedOf(publication: Publication, at: number): Unfinished {
  const { status, stage, reason } = fieldsOf<"search_failed">(publication);
  return { ...endedOf(publication, at), cancelled: status === "cancelled", stage: word(stage, STAGES), reason: text(reason) };
}

function endedOf(publication: Publication, at: number): Ended {
  const { collection, query, search_time_ms } = fieldsOf<"search_completed">(publication);
  const key = `${publication.epoch ?? publication.timestamp}:${publication.offset ?? ""}`;
  return { key, at, collection: text(collection), query: text(query), took: amount(search_time_ms), data: publication.data };
}

function follow(underWay: Map<string, UnderWay>, publication: Publication, at: number): void {
  const { query_id, progress, status, collection } = fieldsOf<"search_progress">(publication);
  const id = text(query_id);
  if (id === null) return;
  const stage = word(status, STAGES);
  if (publication.type !== "search_progress" || stage === null) return void underWay.delete(id);
  const before = underWay.get(id);
  underWay.set(id, { id, since: before?.since ?? at, at, progress: amount(progress), stage, collection: text(collection) ?? before?.collection ?? null });
}

/** Milliseconds of silence after which a search isn't taken for one under way: whoever made it may be gone. */
const SILENCE = 120_000;

export interface Choice {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly now: number;
  /** Empty for all. */
  readonly collection: string;
}

/** The searches since a time, of one collection or of all. One of several collections is one of each of them. */
export function select({ completed, unfinished, underWay }: Searches, { from, now, collection }: Choice): Searches {
  const fits = (search: { readonly at: number; readonly collection: string | null }) =>
    search.at >= from && (collection === "" || partsOf(search.collection).includes(collection));
  return {
    completed: completed.filter(fits),
    unfinished: unfinished.filter(fits),
    // Which collection it is about a search says only in its second stage.
    underWay: underWay.filter((search) => now - search.at < SILENCE && (search.collection === null || fits({ ...search, at: from }))),
  };
}

const partsOf = (collection: string | null): readonly string[] => (collection === null ? [] : [collection, ...collection.split(",").map((part) => part.trim())]);

/** The collections that were searched, by name. */
export const collectionsOf = ({ completed, unfinished }: Searches): readonly string[] =>
  [...new Set([...completed, ...unfinished].flatMap(({ collection }) => partsOf(collection)))].filter((name) => !name.includes(",")).sort();
