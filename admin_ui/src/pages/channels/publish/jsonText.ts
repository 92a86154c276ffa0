/** JSON as somebody writes it: what it holds, where in the text each part stands, and where it is wrong. */

/** What was expected where a text isn't JSON any more. */
export type Expected = "value" | "string" | "colon" | "comma" | "end" | "escape" | "quote" | "name" | "shallower";

export interface Fault {
  /** Characters from the beginning, from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly expected: Expected;
}

/** From a character to the one behind it. */
export type Span = readonly [from: number, to: number];

export type Read =
  | { readonly value: unknown; /** Where each part stands, by its JSON pointer. */ readonly spans: ReadonlyMap<string, Span>; readonly fault?: undefined }
  | { readonly fault: Fault };

/** Levels that the hub takes. */
const DEEPEST = 100;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Wrong extends Error {
  constructor(
    readonly offset: number,
    readonly expected: Expected,
  ) {
    super(expected);
  }
}

/** Reads JSON. Unlike `JSON.parse` it says in which line and column it is wrong, in every browser alike. */
export function readJson(text: string): Read {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { value: JSON.parse(text), spans: scanner.spans };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { fault: { ...placeOf(text, error.offset), offset: error.offset, expected: error.expected } };
  }
}

/** The line and the column of a character, from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** A name as a part of a JSON pointer. */
export const pointerPart = (name: string | number): string => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** The span of a part, or of the nearest one around it that is there. */
export function spanOf(spans: ReadonlyMap<string, Span>, pointer: string): Span | undefined {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    const span = spans.get(at);
    if (span) return span;
  }
  return spans.get("");
}

class Scanner {
  readonly spans = new Map<string, Span>();
  #at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.#value("", 1);
    this.#take(SPACE);
    if (this.#at < this.text.length) throw new Wrong(this.#at, "end");
  }

  #value(pointer: string, depth: number): void {
    this.#take(SPACE);
    const from = this.#at;
    const next = this.text[from];
    if (next === "{" || next === "[") {
      if (depth > DEEPEST) throw new Wrong(from, "shallower");
      if (next === "{") this.#object(pointer, depth);
      else this.#array(pointer, depth);
    } else if (next === '"') this.#string();
    else if (!this.#take(NUMBER) && !this.#take(WORD)) throw new Wrong(from, "value");
    this.spans.set(pointer, [from, this.#at]);
  }

  #object(pointer: string, depth: number): void {
    this.#at++;
    this.#take(SPACE);
    if (this.#is("}")) return;
    do {
      this.#take(SPACE);
      if (this.text[this.#at] !== '"') throw new Wrong(this.#at, "name");
      const name = this.#string();
      this.#take(SPACE);
      if (!this.#is(":")) throw new Wrong(this.#at, "colon");
      this.#value(pointer + pointerPart(name), depth + 1);
      this.#take(SPACE);
    } while (this.#is(","));
    if (!this.#is("}")) throw new Wrong(this.#at, "comma");
  }

  #array(pointer: string, depth: number): void {
    this.#at++;
    this.#take(SPACE);
    if (this.#is("]")) return;
    let index = 0;
    do {
      this.#value(pointer + pointerPart(index++), depth + 1);
      this.#take(SPACE);
    } while (this.#is(","));
    if (!this.#is("]")) throw new Wrong(this.#at, "comma");
  }

  #string(): string {
    const from = this.#at++;
    for (;;) {
      this.#take(PLAIN);
      if (this.#is('"')) return JSON.parse(this.text.slice(from, this.#at)) as string;
      if (this.text[this.#at] !== "\\") throw new Wrong(this.#at, "quote");
      if (!this.#take(ESCAPE)) throw new Wrong(this.#at, "escape");
    }
  }

  /** Goes over a character if it is the next one. */
  #is(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** Goes over what a pattern finds here; tells whether that is anything. */
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const length = pattern.exec(this.text)?.[0].length ?? 0;
    this.#at += length;
    return length > 0;
  }
}
