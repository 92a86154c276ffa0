/** One connection to the hub that comes back by itself. It knows frames, replies and close codes, and nothing of channels. */

import { backoff, closing, namedDelay } from "./closing.js";

/** @typedef {{phase: "connecting" | "live" | "waiting" | "signin" | "closed", reason: string, until: number}} State */
/** @typedef {{state(state: State): void, welcome(message: any): void, publication(message: any, frame: string): void,
 *   notice(message: any): void, pong(sent: number, received: number, timestamp: string): void}} Events */

const WELCOME_WITHIN = 15_000;
const PING_EVERY = 10_000;
const SILENCE = 40_000;
const ANSWER_WITHIN = 10_000;
const STEADY = 10_000;

/** A command that the hub refused, or that the connection's end left without an answer. */
export class Refused extends Error {
  /** @param {any} reply */
  constructor(reply) {
    super(typeof reply.message === "string" ? reply.message : "The hub refused this");
    /** @type {string} */
    this.code = String(reply.code ?? "error");
    this.temporary = reply.temporary === true;
    /** In milliseconds. */ this.retryAfter = 1000 * (Number(reply.retry_after) || 5);
  }
}

export class Connection {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {Map<unknown, {resolve: (reply: any) => void, reject: (error: Error) => void}>} */ #waiting = new Map();
  #id = 0;
  #attempt = 0;
  #timer = 0;
  #delay = 0;
  #heard = 0;
  #pinged = 0;
  #answered = true;
  #openedAt = 0;
  #greeted = false;
  /** @type {State} */ state = { phase: "connecting", reason: "", until: 0 };

  /** @param {() => string} url @param {() => string} token @param {Events} events */
  constructor(url, token, events) {
    this.url = url;
    this.token = token;
    this.events = events;
    setInterval(() => this.#watch(), 1000);
    addEventListener("online", () => this.#wake());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** Opens a new connection; an older one is let go. */
  open() {
    this.#letGo();
    this.#delay = 0;
    this.#openedAt = performance.now();
    this.#greeted = false;
    this.#become("connecting");
    const socket = (this.#socket = new WebSocket(this.url()));
    socket.onopen = () => this.token() && this.#authenticate();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#ended(event.code, event.reason);
  }

  /** Closes for as long as nobody opens again. @param {"signin" | "closed"} phase @param {string} reason */
  stop(phase, reason) {
    this.#letGo();
    this.#become(phase, reason);
  }

  /** Sends a command and gives its reply. @param {Record<string, unknown>} command @returns {Promise<any>} */
  request(command) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Refused({ code: "closed", message: "Not connected" }));
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ ...command, id }));
    });
  }

  // A bad token in the upgrade's headers is an HTTP 401, which a page can't tell from a lost network. As the first
  // message it is refused with a reason and a close code, and it is in no access log either way.
  async #authenticate() {
    const socket = this.#socket;
    try {
      this.#greet(await this.request({ action: "authenticate", token: this.token() }));
    } catch (error) {
      if (socket === this.#socket && error instanceof Refused && error.code !== "closed") this.stop("signin", error.message);
    }
  }

  /** @param {string} frame */
  #receive(frame) {
    this.#heard = performance.now();
    let message;
    try {
      message = JSON.parse(frame);
    } catch {
      return;
    }
    // A publication's type is the publisher's own word, so only its shape tells it from the hub's messages.
    if ("channel" in message && "data" in message && "timestamp" in message) this.events.publication(message, frame);
    else if (this.#waiting.has(message.id)) this.#settle(message);
    else if (message.type === "connection") this.#welcomed(message);
    else if (message.type === "reconnect") this.#delay = Number(message.delay_ms) || 0;
    else this.events.notice(message);
  }

  /** @param {any} message */
  #settle(message) {
    const asked = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === "error") asked?.reject(new Refused(message));
    else asked?.resolve(message);
  }

  /** @param {any} message */
  #welcomed(message) {
    if (this.token()) return; // the answer to `authenticate` is the one that counts
    if (message.status === "connected") this.#greet(message);
    else this.stop("signin", "This hub asks for a token");
  }

  /** @param {any} message */
  #greet(message) {
    this.#greeted = true;
    this.#openedAt = performance.now();
    this.#answered = true;
    this.#become("live");
    this.events.welcome(message);
    this.#ping();
  }

  /** @param {number} code @param {string} reason */
  #ended(code, reason) {
    const { verdict, text } = closing(code, reason);
    const delay = Math.max(this.#delay, code === 1001 ? namedDelay(reason) : 0);
    if (this.#greeted && performance.now() - this.#openedAt > STEADY) this.#attempt = 0;
    this.#letGo();
    if (verdict === "signin") this.#become("signin", text);
    else if (verdict === "never") this.#become("closed", text);
    else this.#later(this.#greeted || code !== 1006 ? text : "The hub can't be reached", delay);
  }

  /** @param {string} reason @param {number} least */
  #later(reason, least) {
    const delay = least + backoff(this.#attempt++);
    this.#timer = window.setTimeout(() => this.open(), delay);
    this.#become("waiting", reason, performance.now() + delay);
  }

  #letGo() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
    const orphans = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const asked of orphans) asked.reject(new Refused({ code: "closed", message: "The connection ended before the answer" }));
  }

  /** @param {State["phase"]} phase @param {string} [reason] @param {number} [until] */
  #become(phase, reason = "", until = 0) {
    this.state = { phase, reason, until };
    this.events.state(this.state);
  }

  // A browser can't see the hub's pings, so the page asks by itself: often while it is looked at, for the round trip;
  // else only after a silence.
  #watch() {
    const now = performance.now();
    const { phase } = this.state;
    if (phase === "connecting" && now - this.#openedAt > WELCOME_WITHIN) this.#lost("The hub didn't answer");
    if (phase !== "live") return;
    if (!this.#answered && now - Math.max(this.#pinged, this.#heard) > ANSWER_WITHIN) this.#lost("The connection went silent");
    else if (this.#answered && now - (document.hidden ? this.#heard : this.#pinged) > (document.hidden ? SILENCE : PING_EVERY)) this.#ping();
  }

  async #ping() {
    const sent = (this.#pinged = performance.now());
    this.#answered = false;
    try {
      const reply = await this.request({ action: "ping" });
      this.events.pong(sent, performance.now(), reply.timestamp);
    } catch {
      // the close, if it was one, is handled where it happened
    }
    if (sent === this.#pinged) this.#answered = true;
  }

  /** @param {string} reason */
  #lost(reason) {
    this.#letGo(); // a dead link wouldn't answer a close either
    this.#later(reason, 0);
  }

  #wake() {
    if (this.state.phase === "waiting" && this.#delay === 0) this.open();
    else if (this.state.phase === "live" && this.#answered) this.#ping();
  }
}
