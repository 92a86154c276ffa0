import type { FeedState } from "tocsin-client/feed";
import { expect, it, vi } from "vitest";
import { Feeds } from "../../src/hub/feeds";

/** What a feed is to somebody who follows it; the test says what it shows. */
function made(received: number) {
  const followers = new Set<() => void>();
  let shown = { received } as FeedState;
  return {
    followers,
    read: () => shown,
    follow: (changed: () => void) => {
      followers.add(changed);
      return () => void followers.delete(changed);
    },
    show: (next: number) => {
      shown = { received: next } as FeedState;
      for (const changed of followers) changed();
    },
  };
}

it("several feeds are one: the same states until one of them changes", () => {
  const [one, other] = [made(0), made(0)];
  const feeds = new Feeds([one, other]);
  const changed = vi.fn();
  const leave = feeds.follow(changed);
  const before = feeds.read();
  expect(feeds.read()).toBe(before);
  other.show(1);
  expect(changed).toHaveBeenCalledTimes(1);
  expect(feeds.read()).not.toBe(before);
  expect(feeds.read().map(({ received }) => received)).toEqual([0, 1]);
  leave();
  expect([one.followers.size, other.followers.size]).toEqual([0, 0]);
});
