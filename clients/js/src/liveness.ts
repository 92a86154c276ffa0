import type { Environment } from "./environment.js";

/** Milliseconds within which a `ping` must be answered. */
const ANSWER_WITHIN = 10_000;
/** The same after waking, when somebody is looking. */
const WAKING_ANSWER_WITHIN = 5_000;

/**
 * Finds a dead link. A page can't see the hub's own pings, so it asks when it has heard nothing for one interval, and takes
 * the link for dead when there is no answer. With the default interval of 30 s that is known after 40 s at the latest.
 */
export class Liveness {
  #heard: number;
  #timer: unknown;
  #asked = false;

  constructor(
    private readonly environment: Environment,
    private readonly interval: number,
    private readonly ask: () => void,
    private readonly dead: () => void,
  ) {
    this.#heard = environment.now();
    this.#wait(interval);
  }

  /** Something came. Costs no timer, because this is called for each message. */
  heard(): void {
    this.#heard = this.environment.now();
    this.#asked = false;
  }

  /** Asks at once, because the machine may have slept. */
  probe(): void {
    if (!this.#asked) this.#ask(WAKING_ANSWER_WITHIN);
  }

  stop(): void {
    this.environment.clearTimer(this.#timer);
  }

  #wait(ms: number): void {
    this.stop();
    this.#timer = this.environment.setTimer(() => this.#look(), ms);
  }

  #look(): void {
    const silent = this.environment.now() - this.#heard;
    if (silent < this.interval) this.#wait(this.interval - silent);
    else this.#ask(Math.min(ANSWER_WITHIN, this.interval));
  }

  #ask(within: number): void {
    this.#asked = true;
    this.stop();
    this.#timer = this.environment.setTimer(() => (this.#asked ? this.dead() : this.#look()), within);
    this.ask();
  }
}
