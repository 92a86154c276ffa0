/**
 * What the hub refused, or what couldn't be asked.
 *
 * `code` is one of the protocol's errors (docs/protocol.md, section 5) or one of the client's own: `timeout` (no answer in
 * time), `disconnected` (the connection ended before the answer, and asking again might do it twice), `overflow` (too much
 * waits to be sent), `closed` (the hub object or the subscription was closed, or the hub closed for good).
 */
export class HubError extends Error {
  override readonly name = "HubError";

  constructor(
    readonly code: string,
    message: string,
    /** The same may succeed later. */
    readonly temporary = false,
    /** Milliseconds to wait first, where the hub says so. */
    readonly retryAfter?: number,
    /** All that the hub answered. */
    readonly reply?: Readonly<Record<string, unknown>>,
    /** The answer's status, where the hub answered over HTTP. */
    readonly status?: number,
  ) {
    super(message);
  }

  /** @internal */
  static from(reply: Readonly<Record<string, unknown>>, status?: number): HubError {
    const { code, message, temporary, retry_after: after } = reply;
    const wait = typeof after === "number" ? after * 1000 : undefined;
    return new HubError(String(code ?? "internal"), String(message ?? "refused"), temporary === true, wait, reply, status);
  }
}
