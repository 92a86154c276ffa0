import assert from "node:assert/strict";
import { test } from "node:test";
import { Hub } from "../src/hub.js";
import type { Publication } from "../src/protocol.js";
import { shared, type Broadcast, type Locks } from "../src/shared.js";
import { webSocket } from "../src/transport.js";
import { publication, record, rest, World, type FakeSocket } from "./world.js";

interface Waiting {
  readonly tab: Tab;
  start(): void;
}

interface Held {
  readonly tab: Tab;
  drop(): void;
}

/** The browser around the tabs: its locks and its broadcast channels. A tab can be killed, as a crash or a closed window does. */
class Browser {
  readonly held = new Map<string, Held>();
  readonly waiting = new Map<string, Waiting[]>();
  readonly buses = new Set<Bus>();

  next(name: string): void {
    if (!this.held.has(name)) this.waiting.get(name)?.shift()?.start();
  }
}

class Bus implements Broadcast {
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(
    private readonly browser: Browser,
    private readonly tab: Tab,
    private readonly name: string,
  ) {
    browser.buses.add(this);
  }

  postMessage(message: unknown): void {
    const data: unknown = structuredClone(message);
    if (this.tab.dead) return;
    for (const bus of this.browser.buses) {
      if (bus === this || bus.name !== this.name) continue;
      queueMicrotask(() => !bus.tab.dead && !bus.tab.frozen && this.browser.buses.has(bus) && bus.onmessage?.({ data } as MessageEvent));
    }
  }

  close(): void {
    this.browser.buses.delete(this);
  }
}

class Tab implements Locks {
  dead = false;
  frozen = false;
  readonly world = new World();
  readonly hub: Hub;
  readonly got: Publication[];
  readonly sub;

  constructor(
    private readonly browser: Browser,
    name: string,
  ) {
    let links = 0;
    const transport = shared({
      locks: this,
      broadcast: (bus) => new Bus(browser, this, bus),
      tab: () => `${name}${++links}`,
    });
    this.hub = new Hub(
      {
        root: "http://hub", token: undefined, clientId: undefined, transport, fallback: undefined,
        connectTimeout: 10_000, pingInterval: undefined, requestTimeout: 10_000,
      },
      this.world,
    );
    this.sub = this.hub.subscribe("c");
    this.got = record<Publication>(this.sub, "publication");
  }

  request(name: string, options: LockOptions, granted: () => Promise<void>): Promise<unknown> {
    const { browser } = this;
    return new Promise((resolve, reject) => {
      const held: Held = {
        tab: this,
        drop: () => {
          if (browser.held.get(name) === held) browser.held.delete(name);
          browser.next(name);
        },
      };
      const start = () => {
        browser.held.set(name, held);
        granted().then((value) => {
          held.drop();
          resolve(value);
        }, reject);
      };
      if (options.steal) {
        const robbed = browser.held.get(name);
        browser.held.delete(name);
        if (robbed) robbed.tab.robbed?.();
        return queueMicrotask(start);
      }
      const waiting = { tab: this, start };
      const queue = browser.waiting.get(name) ?? [];
      browser.waiting.set(name, queue);
      queue.push(waiting);
      options.signal?.addEventListener("abort", () => {
        if (queue.includes(waiting)) queue.splice(queue.indexOf(waiting), 1);
        reject(new Error("aborted"));
      });
      if (name.split(":").length === 4 && !options.steal) this.robbed = () => reject(new Error("stolen"));
      queueMicrotask(() => browser.next(name));
    });
  }

  robbed: (() => void) | undefined;

  kill(): void {
    this.dead = true;
    for (const queue of this.browser.waiting.values()) {
      for (const waiting of queue.filter(({ tab }) => tab === this)) queue.splice(queue.indexOf(waiting), 1);
    }
    for (const { tab, drop } of [...this.browser.held.values()]) if (tab === this) drop();
  }
}

const settled = async () => {
  for (let n = 0; n < 10; n++) await rest();
};

/** So many tabs, of which the first has the connection. */
const tabs = async (count: number) => {
  const browser = new Browser();
  const all: Tab[] = [];
  for (let n = 0; n < count; n++) {
    all.push(new Tab(browser, "abc"[n]!));
    await settled();
  }
  const leading = () => all.filter(({ dead, world }) => !dead && world.sockets.some(({ closedWith, readyState }) => closedWith === undefined && readyState < 3));
  return { browser, all, leading };
};

/** The hub's part: greets, and answers every subscribe that has no answer yet. */
const serve = async (socket: FakeSocket, answered: Set<unknown>, reply = {}) => {
  if (socket.readyState === 0) socket.welcome();
  await settled();
  for (const command of socket.commands.filter(({ action, id }) => action === "subscribe" && !answered.has(id))) {
    answered.add(command.id);
    const missed = answered.size === 1 && command["since"] ? { recovered: true, replayed: 1 } : {};
    socket.say({ type: "subscribe", channel: "c", status: "success", epoch: "e", offset: 5, id: command.id as string, ...missed, ...reply });
  }
  await settled();
};

const offsets = (tab: Tab) => tab.got.map(({ offset }) => offset);

test("three tabs have one connection, and all get everything", async () => {
  const { all, leading } = await tabs(3);
  assert.deepEqual(leading(), [all[0]]);
  const { socket } = all[0]!.world;
  await serve(socket, new Set());
  assert.deepEqual(all.map(({ hub }) => hub.state), ["connected", "connected", "connected"]);
  socket.say(publication(6));
  await settled();
  assert.deepEqual(all.map(offsets), [[6], [6], [6]]);
  assert.equal(all[1]!.world.sockets.length, 0);
});

for (const way of ["closes its hub object", "is killed"]) {
  test(`when the leader ${way}, another tab takes over with all positions: nothing lost, nothing twice`, async () => {
    const { all, leading } = await tabs(3);
    const [first, second, third] = all as [Tab, Tab, Tab];
    await serve(first.world.socket, new Set());
    first.world.socket.say(publication(6));
    await settled();
    if (way === "is killed") first.kill();
    else first.hub.close();
    for (let n = 0; n < 5; n++) {
      await settled();
      for (const tab of [second, third]) await tab.world.pass(10);
    }
    assert.equal(leading().length, 1);
    const [leader] = leading();
    const { socket } = leader!.world;
    socket.welcome();
    await settled();
    const asked = socket.commands.filter(({ action }) => action === "subscribe");
    assert.deepEqual(asked.map(({ since }) => since), [{ epoch: "e", offset: 6 }, { epoch: "e", offset: 6 }]);
    // The hub replays for the first, and then says of the second that it is on the channel already.
    socket.say({ type: "subscribe", channel: "c", epoch: "e", offset: 7, recovered: true, replayed: 1, id: String(asked[0]!.id) });
    socket.say(publication(7));
    socket.say({ type: "subscribe", channel: "c", epoch: "e", offset: 7, id: String(asked[1]!.id) });
    await settled();
    const history = socket.last("history");
    socket.say({ type: "history", channel: "c", publications: [publication(7)], epoch: "e", offset: 7, recovered: true, id: history.id as string });
    socket.say(publication(8));
    await settled();
    assert.deepEqual([second, third].map(offsets), [[6, 7, 8], [6, 7, 8]]);
  });
}

test("a lost connection is lost for all, and one of them opens the next", async () => {
  const { all, leading } = await tabs(2);
  all[0]!.world.socket.welcome();
  await settled();
  all[0]!.world.socket.lose(4003, "come back");
  await settled();
  assert.deepEqual(all.map(({ hub }) => hub.state), ["reconnecting", "reconnecting"]);
  await all[1]!.world.pass(500);
  await settled();
  assert.deepEqual(leading(), [all[1]]);
  await all[0]!.world.pass(500);
  all[1]!.world.socket.welcome();
  await settled();
  assert.deepEqual(all.map(({ hub }) => hub.state), ["connected", "connected"]);
});

test("a close for good is one for all", async () => {
  const { all } = await tabs(2);
  all[0]!.world.socket.welcome();
  await settled();
  all[0]!.world.socket.lose(4504, "enough");
  await settled();
  assert.deepEqual(all.map(({ hub }) => hub.state), ["closed", "closed"]);
});

test("a tab that crashes leaves its channels", async () => {
  const { all } = await tabs(2);
  const own = all[1]!.hub.subscribe("d");
  await serve(all[0]!.world.socket, new Set());
  assert.ok(own);
  all[1]!.kill();
  await settled();
  assert.deepEqual(all[0]!.world.socket.last("unsubscribe"), { action: "unsubscribe", channel: "d" });
});

test("a leader that is frozen is replaced", async () => {
  const { all } = await tabs(2);
  all[0]!.frozen = true;
  const late = new Tab(all[0]!["browser" as never] as Browser, "z");
  all[1]!.kill();
  await settled();
  await late.world.pass(10_000);
  await late.world.pass(500);
  await settled();
  assert.equal(late.world.sockets.length, 1, "it took the lock");
});

test("without locks each tab has a connection of its own", () => {
  const world = new World();
  const options = { root: "http://hub", token: undefined, clientId: undefined, tokenLater: false, environment: world };
  shared({ locks: undefined, over: webSocket })(options, { message() {}, closed() {} });
  assert.equal(world.sockets.length, 1);
});
