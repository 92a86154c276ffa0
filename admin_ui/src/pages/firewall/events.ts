import type { Publication } from "tocsin-client";
import type { Tone } from "../../components/Stat";
import { amount, fieldsOf, text, word } from "../../hub/fields";
import type { Messages } from "../../hub/messages";
import { type Status, STATUSES } from "./words";

/** What comes on `error_firewall`, and how it is found again. */

export const TYPES = ["error_blocked", "error_warned", "error_passed", "error_overridden", "error_recorded", "solution_confirmed"] as const satisfies readonly (keyof Messages)[];

export type EventType = (typeof TYPES)[number];

const MATCHES = ["exact", "rule", "similar"] as const;

export const CHANNEL = "error_firewall";

/** Types that change what is known: who lists records reads them again. */
export const LEARNING = ["error_recorded", "error_overridden", "solution_confirmed"] as const satisfies readonly EventType[];

export const TONES: Readonly<Record<EventType, Tone>> = {
  error_blocked: "bad",
  error_warned: "warn",
  error_passed: "good",
  error_overridden: "info",
  error_recorded: "plain",
  solution_confirmed: "info",
};

/** A message of the firewall, as it is shown. What it doesn't tell is `null`. */
export interface Event {
  /** A name that no other event has. */
  readonly key: string;
  readonly type: EventType;
  readonly timestamp: string;
  readonly operation: string;
  readonly why: string;
  readonly message: string | null;
  readonly solution: string | null;
  readonly errorType: string | null;
  readonly record: string | null;
  readonly rule: string | null;
  readonly check: string | null;
  readonly match: (typeof MATCHES)[number] | null;
  readonly score: number | null;
  readonly stage: Status | null;
  readonly confidence: number | null;
  readonly successes: number | null;
  readonly failures: number | null;
  readonly occurrences: number | null;
  readonly ms: number | null;
  readonly degraded: boolean;
  readonly wouldBlock: boolean;
  readonly actor: string | null;
  readonly reason: string | null;
  /** Checks or errors that it stands for: passes and records are told in samples. */
  readonly count: number;
}

const read = new WeakMap<Publication, Event | null>();

/** What a publication says, each read once; `null` when it is none of the firewall's. */
export function eventOf(publication: Publication): Event | null {
  let event = read.get(publication);
  if (event === undefined) read.set(publication, (event = eventIn(publication)));
  return event;
}

function eventIn(publication: Publication): Event | null {
  const type = word(publication.type, TYPES);
  const data: Readonly<Record<string, unknown>> = fieldsOf<EventType>(publication);
  const operation = text(data["operation"]);
  if (!type || !operation) return null;
  const { epoch = "", offset, timestamp } = publication;
  const record = text(data["error_id"]);
  const rule = text(data["rule_id"]);
  return {
    key: `${epoch}:${offset ?? timestamp}`,
    type,
    timestamp,
    operation,
    why: text(data["why"]) ?? "",
    message: text(data["message"]),
    solution: text(data["solution"]),
    errorType: text(data["error_type"]),
    record: record === rule ? null : record, // a rule that was made of no record is told as its own
    rule,
    check: text(data["check_id"]),
    match: word(data["match"], MATCHES),
    score: amount(data["score"]),
    stage: word(data["stage"], STATUSES),
    confidence: amount(data["confidence"]),
    successes: amount(data["successes"]),
    failures: amount(data["failures"]),
    occurrences: amount(data["occurrences"]),
    ms: amount(data["ms"]),
    degraded: data["degraded"] === true,
    wouldBlock: data["dry_run"] === true,
    actor: text(data["actor"]),
    reason: text(data["reason"]),
    count: amount(data["count"]) ?? 1,
  };
}

/** The events among publications. */
export const eventsOf = (publications: readonly Publication[]): readonly Event[] => publications.map(eventOf).filter((event) => event !== null);

export interface EventFilter {
  readonly type: string;
  /** In any field that can be read, in any case. */
  readonly text: string;
}

/** The events that fit, the newest first. */
export function found(events: readonly Event[], filter: EventFilter): readonly Event[] {
  const wanted = filter.text.trim().toLowerCase();
  const fits = (event: Event) => (!filter.type || event.type === filter.type) && (!wanted || textOf(event).includes(wanted));
  return events.filter(fits).reverse();
}

const textOf = ({ operation, why, record, errorType, rule, check, solution, message }: Event): string =>
  [operation, why, record, errorType, rule, check, solution, message].filter(Boolean).join("\n").toLowerCase();
