import type { Feed, FeedState } from "tocsin-client/feed";

/** Several feeds as one. */
export class Feeds {
  #shown: readonly FeedState[] = [];

  constructor(private readonly feeds: readonly Pick<Feed, "read" | "follow">[]) {}

  readonly read = (): readonly FeedState[] => {
    const states = this.feeds.map((feed) => feed.read());
    if (states.some((state, at) => state !== this.#shown[at])) this.#shown = states;
    return this.#shown;
  };

  readonly follow = (changed: () => void): (() => void) => {
    const leave = this.feeds.map((feed) => feed.follow(changed));
    return () => leave.forEach((one) => one());
  };
}
