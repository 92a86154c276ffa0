import { useCallback, useRef, useState } from "react";

/** A list at a moment: what was on it, and how many publications had come by then. */
interface Moment<Value> {
  readonly value: Value;
  readonly received: number;
}

/** Why a list stands still: somebody pressed the button, or looks at older lines. */
export type Why = "asked" | "looking";

export interface Hold<Value> extends Moment<Value> {
  readonly why: Why;
}

/** The button was pressed: begins to hold, or lets go, whatever held it. */
export const turned = <Value>(hold: Hold<Value> | undefined, now: Moment<Value>): Hold<Value> | undefined => (hold ? undefined : { ...now, why: "asked" });

/** Somebody scrolled away from the newest line, or back to it. What was asked for goes on. */
export function looked<Value>(hold: Hold<Value> | undefined, now: Moment<Value>, away: boolean): Hold<Value> | undefined {
  if (hold?.why === "asked" || away === (hold !== undefined)) return hold;
  return away ? { ...now, why: "looking" } : undefined;
}

export interface Held<Value> {
  /** The newest value, or the one that is held. */
  readonly shown: Value;
  /** Absent while nothing is held. */
  readonly why: Why | undefined;
  /** Publications that came since. */
  readonly newer: number;
  readonly turn: () => void;
  readonly look: (away: boolean) => void;
}

/**
 * Lets a live list stand still: while it is paused, and while somebody looks at older lines. `received` counts all
 * publications that ever came: the value itself keeps only the newest, so its length tells nothing once it is full.
 */
export function useHold<Value>(value: Value, received: number): Held<Value> {
  const [hold, setHold] = useState<Hold<Value>>();
  const now = useRef({ value, received });
  now.current = { value, received };
  const turn = useCallback(() => setHold((last) => turned(last, now.current)), []);
  const look = useCallback((away: boolean) => setHold((last) => looked(last, now.current, away)), []);
  const newer = hold ? Math.max(0, received - hold.received) : 0; // a feed that begins anew counts from 0
  return { shown: hold ? hold.value : value, why: hold?.why, newer, turn, look };
}
