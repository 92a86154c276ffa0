import { HubError } from "tocsin-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatEvent, Message, PageOf, Run, Snapshot } from "../../src/hub/my";
import { begun, linesOf, withEvents } from "../../src/pages/chat/conversation";
import { Follower, type Source } from "../../src/pages/chat/follower";
import { call, event, message, snapshot } from "./kit";

const FLOW = call(1, ["Good ", "morning 🦉", "."]);

/** A hub with one session, whose log grows as the test says; the channel brings what the test lets through. */
class FakeHub implements Source {
  log: ChatEvent[] = [];
  asked: string[] = [];
  fails: HubError | undefined;
  lost = false;
  heard: (event: ChatEvent) => void = () => undefined;
  live: () => void = () => undefined;
  failed: () => void = () => undefined;

  async snapshot(): Promise<Snapshot> {
    this.#ask("snapshot");
    const { seq, messages } = withEvents(begun(snapshot()), this.log);
    return snapshot({ seq, messages: messages.slice(-50) });
  }

  async runs(): Promise<readonly Run[]> {
    this.#ask("runs");
    return [];
  }

  async events(after: number): Promise<{ items: readonly ChatEvent[]; last_seq: number }> {
    this.#ask(`events ${after}`);
    return { items: this.lost ? [] : this.log.filter(({ data }) => data.seq > after).slice(0, 3), last_seq: this.log.length };
  }

  async older(before: number): Promise<PageOf<Message>> {
    this.#ask(`older ${before}`);
    return { items: [message(before - 2), message(before - 1)], next: null };
  }

  listen(heard: (event: ChatEvent) => void, live: () => void, failed: () => void): () => void {
    Object.assign(this, { heard, live, failed });
    return () => this.asked.push("left");
  }

  /** Appends to the log; the channel tells it, unless it is lost on the way. */
  tell(events: readonly ChatEvent[], through: readonly ChatEvent[] = events): void {
    this.log.push(...events);
    through.forEach((one) => this.heard(one));
  }

  #ask(what: string): void {
    this.asked.push(what);
    if (this.fails) throw this.fails;
  }
}

const opened = () => {
  const hub = new FakeHub();
  const follower = new Follower(hub);
  return { hub, follower, shown: () => linesOf(follower.read().conversation ?? begun(snapshot())).map(({ message: said }) => said?.content ?? "…") };
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settle = (time = 60) => vi.advanceTimersByTimeAsync(time);
const DONE = ["how?", "Good morning 🦉."];

describe("a conversation that is followed", () => {
  it("begins with a snapshot, and goes on by the channel", async () => {
    const { hub, follower, shown } = opened();
    const leave = follower.follow(() => undefined);
    await settle();
    hub.tell(FLOW);
    await settle();
    expect(shown()).toEqual(DONE);
    expect(hub.asked).toEqual(["snapshot", "runs"]);
    leave();
    expect(hub.asked.at(-1)).toBe("left");
  });

  it("has what came before the snapshot was there", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    hub.tell(FLOW);
    await settle();
    expect(shown()).toEqual(DONE);
  });

  it("reads from the log what the channel didn't bring, page by page", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    await settle();
    hub.tell(FLOW, FLOW.slice(-1));
    await settle(400);
    expect(shown()).toEqual(DONE);
    expect(hub.asked.slice(2)).toEqual(["events 0", "events 3", "events 6"]);
  });

  it("waits a moment first: what is late comes by itself", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    await settle();
    hub.tell(FLOW, [...FLOW.slice(2), ...FLOW.slice(0, 2)]);
    await settle(400);
    expect(shown()).toEqual(DONE);
    expect(hub.asked).toEqual(["snapshot", "runs"]);
  });

  it("catches up when the connection is back, though nothing told of a gap", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    await settle();
    hub.tell(FLOW, []);
    hub.live();
    await settle();
    expect(shown()).toEqual(DONE);
  });

  it("takes a new snapshot where the log leads nowhere", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    await settle();
    hub.lost = true;
    hub.tell(FLOW, FLOW.slice(-1));
    await settle(400);
    expect(shown()).toEqual(DONE);
    expect(hub.asked.slice(2)).toEqual(["events 0", "snapshot", "runs"]);
  });

  it("keeps what it has while the hub is away, and tries again", async () => {
    const { hub, follower, shown } = opened();
    follower.follow(() => undefined);
    await settle();
    hub.tell(FLOW.slice(0, 1));
    hub.fails = new HubError("disconnected", "no answer", true);
    hub.live();
    await settle();
    expect(follower.read().error).toBe(hub.fails);
    expect(shown()).toEqual(["how?"]);
    hub.fails = undefined;
    hub.tell(FLOW.slice(1), []);
    await settle(2_100);
    expect([follower.read().error, shown()]).toEqual([undefined, DONE]);
  });

  it("reads the log again and again where the channel is closed to it", async () => {
    const { hub, follower, shown } = opened();
    const leave = follower.follow(() => undefined);
    hub.failed();
    await settle();
    hub.tell(FLOW.slice(0, 5), []);
    await settle(2_100);
    hub.tell(FLOW.slice(5), []);
    await settle(2_100);
    expect(shown()).toEqual(DONE);
    leave();
  });

  it("asks no more for a session that isn't there", async () => {
    const { hub, follower } = opened();
    hub.fails = new HubError("not_found", "no such session", false);
    follower.follow(() => undefined);
    await settle(10_000);
    expect(hub.asked).toEqual(["snapshot"]);
    expect(follower.read().error).toBe(hub.fails);
  });

  it("reads older messages once at a time", async () => {
    const { hub, follower } = opened();
    hub.log = Array.from({ length: 60 }, (_, at) => event(at + 1, "MESSAGE_CREATED", { message: message(at + 1) }));
    follower.follow(() => undefined);
    await settle();
    expect(follower.read().hasOlder).toBe(true);
    void follower.readOlder();
    await Promise.all([follower.readOlder(), settle()]);
    expect(hub.asked.filter((what) => what.startsWith("older"))).toEqual(["older 11"]);
    expect([follower.read().hasOlder, follower.read().conversation?.messages[0]?.seq]).toEqual([false, 9]);
  });
});
