/** The words of the plain protocol (docs/protocol.md) that a client needs, and the rules that go with them. */

/** The place of a publication in its channel. Compare offsets only within one epoch. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Where to begin. `{ offset: 0 }` without an epoch asks for all that history holds. */
export interface Since {
  readonly epoch?: string;
  readonly offset: number;
}

/**
 * Publications that can't be delivered any more: those after `from`, up to `to`.
 *
 * `unrecovered`: the hub couldn't prove that nothing is missing. `lost`: the hub said so in mid-stream. `jump`: offsets
 * skipped. `overflow`: an iterator was read too slowly, and dropped its oldest.
 */
export interface Gap {
  readonly channel: string;
  readonly reason: "unrecovered" | "lost" | "jump" | "overflow";
  readonly from?: Position;
  readonly to?: Position;
}

/** What was published. `gap` is there when something is missing before it. */
export interface Publication<Data = unknown> {
  readonly type: string;
  readonly channel: string;
  readonly data: Data;
  readonly timestamp: string;
  readonly epoch?: string;
  readonly offset?: number;
  readonly key?: string;
  readonly gap?: Gap;
}

/** Anything that the hub sends. */
export interface Message {
  readonly type?: string;
  readonly id?: number | string;
  readonly channel?: string;
  readonly [field: string]: unknown;
}

/** Anything that a client sends. */
export interface Command {
  readonly action: string;
  readonly id?: number | string;
  readonly [field: string]: unknown;
}

/** A publication's type is its publisher's own word, so only the shape tells it from the hub's own messages. */
export const isPublication = (message: Message): boolean => "channel" in message && "data" in message;

/** The position that a message names. */
export const positionOf = ({ epoch, offset }: Partial<Position> | Message): Position | undefined =>
  typeof epoch === "string" && typeof offset === "number" ? { epoch, offset } : undefined;

/** Whether a close code asks for a new connection. */
export const mayReturn = (code: number): boolean =>
  [1001, 1005, 1006, 1011, 1012, 1013].includes(code) || (code >= 4000 && code < 4500);

/** Whether a new token may help after a close that asks for none. */
export const wantsToken = (code: number): boolean => code >= 4500 && code <= 4502;

/** The milliseconds that the reason of a close with 1001 names, five minutes at most. */
export const namedDelay = (reason: string): number | undefined => {
  const digits = /(\d+) ms/.exec(reason);
  return digits ? Math.min(Number(digits[1]), 300_000) : undefined;
};
