import type { Publication } from "tocsin-client";
import type { Tone } from "../../components/Stat";
import type { FeedState } from "tocsin-client/feed";
import type { Messages } from "../../hub/messages";

/** What was remembered, changed and forgotten, one by one, as far as it is told to this user. */

export const TYPES = ["memory_created", "memory_changed", "memory_pruned", "memory_deleted", "memory_counts"] as const satisfies readonly (keyof Messages)[];

export type Type = (typeof TYPES)[number];

export const TONES: Readonly<Record<Type, Tone>> = {
  memory_created: "good",
  memory_changed: "info",
  memory_pruned: "warn",
  memory_deleted: "bad",
  memory_counts: "plain",
};

/** One line of the list. */
export interface Change {
  readonly id: string;
  readonly type: Type;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Absent: the owner, or nobody said. */
  readonly agent: string | undefined;
  /** Kind of memory; told when it is made or changed. */
  readonly kind: string | undefined;
  /** What is remembered, or why it was forgotten. */
  readonly text: string;
  readonly memory: string | undefined;
  /** Memories that it is about. */
  readonly count: number;
  readonly publication: Publication;
}

type Fields = { readonly [Field in "agent" | "kind" | "summary" | "reason" | "memory_id" | "source" | "count"]?: unknown };

const word = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Several channels as one. */
export const together = (feeds: readonly Pick<FeedState, "publications" | "received">[]): Pick<FeedState, "publications" | "received"> => ({
  publications: feeds.flatMap(({ publications }) => publications),
  received: feeds.reduce((sum, { received }) => sum + received, 0),
});

/** Reads publications of both channels; newest first. What isn't as its type says is shown with what there is. */
export function changesOf(publications: readonly Publication[]): readonly Change[] {
  const changes = publications.flatMap((publication): readonly Change[] => {
    const { type, data, channel, epoch, offset, timestamp } = publication;
    if (!isType(type) || typeof data !== "object" || data === null) return [];
    const fields = data as Fields;
    const pruned = type === "memory_pruned" && typeof fields.count === "number" ? fields.count : 1;
    return [{
      id: `${channel} ${epoch} ${offset ?? timestamp}`,
      type,
      at: Date.parse(timestamp),
      agent: word(fields.agent),
      kind: word(fields.kind),
      text: word(fields.summary) ?? word(fields.reason) ?? "",
      memory: word(fields.memory_id),
      count: pruned,
      publication,
    }];
  });
  return changes.sort((a, b) => b.at - a.at);
}

const isType = (type: string): type is Type => (TYPES as readonly string[]).includes(type);

export interface Filter {
  /** "" is any, in each of them. */
  readonly type: string;
  readonly agent: string;
  readonly text: string;
}

export function found(changes: readonly Change[], { type, agent, text }: Filter): readonly Change[] {
  const wanted = text.trim().toLowerCase();
  return changes.filter(
    (change) => (!type || change.type === type) && (!agent || change.agent === agent) && (!wanted || words(change).includes(wanted)),
  );
}

const words = ({ text, kind, agent, memory }: Change): string => [text, kind, agent, memory].filter(Boolean).join("\n").toLowerCase();

export const agentsOf = (changes: readonly Change[]): readonly string[] => [...new Set(changes.flatMap(({ agent }) => agent ?? []))].sort();

/** How many of each sort there are, by agent or by kind. */
export interface Share {
  /** `undefined`: nobody said. */
  readonly name: string | undefined;
  readonly created: number;
  readonly changed: number;
  readonly forgotten: number;
}

/** Counts memories by agent or kind, the busiest first. `memory_deleted` doesn't say its kind: it is that of the memory, if it was told. */
export function shares(changes: readonly Change[], by: "agent" | "kind"): readonly Share[] {
  const kinds = new Map(changes.flatMap(({ memory, kind }) => (memory && kind ? [[memory, kind] as const] : [])));
  const groups = new Map<string | undefined, { created: number; changed: number; forgotten: number }>();
  for (const change of changes) {
    if (change.type === "memory_counts") continue;
    const name = by === "agent" ? change.agent : (change.kind ?? kinds.get(change.memory ?? ""));
    const group = groups.get(name) ?? { created: 0, changed: 0, forgotten: 0 };
    groups.set(name, group);
    if (change.type === "memory_created") group.created++;
    else if (change.type === "memory_changed") group.changed++;
    else group.forgotten += change.count;
  }
  const weight = ({ created, changed, forgotten }: Share) => created + changed + forgotten;
  return [...groups].map(([name, group]) => ({ name, ...group })).sort((a, b) => weight(b) - weight(a));
}

export interface Reason {
  readonly reason: string;
  readonly memories: number;
  /** Milliseconds since 1970, of the newest. */
  readonly at: number;
}

/** Why memories were forgotten, the newest reason first. */
export function reasonsOf(changes: readonly Change[]): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { type, text, count, at } of changes) {
    if (type !== "memory_pruned" && type !== "memory_deleted") continue;
    const before = reasons.get(text);
    reasons.set(text, { reason: text, memories: (before?.memories ?? 0) + count, at: Math.max(before?.at ?? at, at) });
  }
  return [...reasons.values()].sort((a, b) => b.at - a.at);
}
