import { describe, expect, it } from "vitest";
import { firstAsk, firstAt, PAGE, queryOf, shownOf, type Ask, type Piece, type Shown, type Stored, type Way } from "../../src/pages/channels/history/pages";

/** A hub that keeps the publications from `first` to `top`, one a second, and answers as the hub does. */
class Hub {
  asked = 0;

  constructor(readonly first: number, readonly top: number, readonly epoch = "e") {}

  read({ since, limit }: { since?: string; limit: number }): Piece {
    this.asked++;
    const [epoch = "", after = "0"] = since?.split(":") ?? [];
    const known = since !== undefined && (epoch === this.epoch || epoch === "") && Number(after) <= this.top;
    const all = Array.from({ length: this.top - this.first + 1 }, (_, n) => stored(this.first + n, this.epoch));
    const found = known ? all.filter(({ offset = 0 }) => offset > Number(after)) : all;
    const publications = known ? found.slice(0, limit) : found.slice(-limit);
    return { channel: "c", publications, epoch: this.epoch, offset: this.top, recovered: known && found.length <= limit };
  }
}

const stored = (offset: number, epoch = "e"): Stored => ({ type: "tick", channel: "c", data: offset, timestamp: new Date(offset * 1000).toISOString(), epoch, offset });

/** All pages of a way, one after the other. */
function pages(hub: Hub, way: Way): Shown[] {
  const shown: Shown[] = [];
  for (let ask: Ask | undefined = firstAsk(way); ask && shown.length < 50; ask = shown.at(-1)?.next) {
    shown.push(shownOf(ask, hub.read(queryOf(ask, hub.epoch)), way));
  }
  return shown;
}

const offsets = (shown: readonly Shown[]) => shown.flatMap(({ publications }) => publications.map(({ offset }) => offset));
const range = (from: number, to: number) => Array.from({ length: Math.abs(to - from) + 1 }, (_, n) => (from < to ? from + n : from - n));

describe("history, page after page", () => {
  it("goes back from the newest to the first, each once", () => {
    const shown = pages(new Hub(1, 350), { newestFirst: true });
    expect(offsets(shown)).toEqual(range(350, 1));
    expect(shown.map(({ publications }) => publications.length)).toEqual([PAGE, PAGE, PAGE, 50]);
    expect(shown.every(({ lost }) => lost === undefined)).toBe(true);
  });

  it("goes forward from the first to the newest", () => {
    expect(offsets(pages(new Hub(1, 250), { newestFirst: false }))).toEqual(range(1, 250));
  });

  it("begins at an offset, both ways", () => {
    expect(offsets(pages(new Hub(1, 300), { newestFirst: false, from: 290 }))).toEqual(range(290, 300));
    expect(offsets(pages(new Hub(1, 300), { newestFirst: true, from: 120 }))).toEqual(range(120, 1));
  });

  it("says what isn't kept any more, and ends there", () => {
    const back = pages(new Hub(180, 350), { newestFirst: true });
    expect(offsets(back)).toEqual(range(350, 180));
    expect(back.at(-1)).toMatchObject({ lost: [1, 179], next: undefined });
    expect(pages(new Hub(180, 350), { newestFirst: false })[0]?.lost).toEqual([1, 179]);
    expect(pages(new Hub(180, 350), { newestFirst: true, from: 90 })).toMatchObject([{ publications: [], lost: [1, 90], next: undefined }]);
  });

  it("has nothing above the newest", () => {
    expect(offsets(pages(new Hub(1, 50), { newestFirst: false, from: 51 }))).toEqual([]);
  });

  it("tells when the channel began a new epoch between two pages", () => {
    const way = { newestFirst: true };
    const [first] = pages(new Hub(1, 350, "old"), way);
    const ask = first?.next;
    if (!ask) throw new Error("expected a second page");
    const second = shownOf(ask, new Hub(1, 3, "new").read(queryOf(ask, "new")), way);
    expect(second).toMatchObject({ began: true, epoch: "new", lost: undefined });
    expect(offsets([second])).toEqual([3, 2, 1]);
  });
});

describe("the first publication at a time", () => {
  const find = (hub: Hub, seconds: number) => firstAt(seconds * 1000, hub.top, (offset) => Promise.resolve(hub.read({ since: `e:${offset}`, limit: 1 }).publications[0]));

  it("is found with few readings", async () => {
    const hub = new Hub(5_000, 25_000);
    expect(await find(hub, 17_123)).toBe(17_123);
    expect(hub.asked).toBeLessThan(20);
  });

  it("is the oldest that is kept for times before, and none for times behind", async () => {
    expect(await find(new Hub(100, 200), 3)).toBe(100);
    expect(await find(new Hub(100, 200), 201)).toBeUndefined();
    expect(await find(new Hub(1, 0), 1)).toBeUndefined();
  });
});
