import type { Environment } from "./environment.js";
import type { Command, Message } from "./protocol.js";

/** What a link needs to know. */
export interface LinkOptions {
  /** The hub's address without a path of its own: `https://host` or `https://host/prefix`. */
  readonly root: string;
  readonly token: string | undefined;
  readonly clientId: string | undefined;
  /** Says who it is with the first command, so that a refusal can be told from a network that is down. */
  readonly tokenLater: boolean;
  readonly environment: Environment;
}

/** What a link tells its owner. Nothing comes after `closed`, nor after the owner's own `close`. */
export interface LinkEvents {
  message(message: Message): void;
  closed(code: number, reason: string): void;
}

/** One connection's life. It speaks the plain protocol, whatever carries it. */
export interface Link {
  /** Sends commands, in one frame where there are frames. */
  send(commands: readonly Command[]): void;
  close(): void;
}

export type Transport = (options: LinkOptions, events: LinkEvents) => Link;

export const NO_WEBSOCKET =
  "There is no WebSocket here. Node has one from version 22 on; before that, give connect() the option WebSocket";

/** Carries the protocol over a WebSocket. A browser can't send a header, so the token travels as a subprotocol. */
export const webSocket: Transport = ({ root, token, clientId, tokenLater, environment }, events) => {
  const { WebSocket } = environment;
  if (!WebSocket) throw new Error(NO_WEBSOCKET);
  // No channels but those that are asked for by position: the hub may have some for clients that ask for none.
  const query = clientId === undefined ? "?channels=" : `?channels=&client_id=${encodeURIComponent(clientId)}`;
  const protocols = token && !tokenLater ? ["tocsin", `bearer.${token}`] : [];
  let owed = tokenLater ? token : undefined;
  const socket = new WebSocket(`${root.replace(/^http/, "ws")}/ws${query}`, protocols);
  const ignore = () => {};
  const letGo = () => {
    socket.onmessage = socket.onclose = null;
  };
  const send = (commands: readonly Command[]) =>
    socket.readyState === 1 && socket.send(JSON.stringify(commands.length === 1 ? commands[0] : commands));
  socket.onerror = ignore; // a close follows
  socket.onclose = ({ code, reason }: CloseEvent) => {
    letGo();
    events.closed(code, reason);
  };
  socket.onmessage = ({ data }: MessageEvent) => {
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      return; // a hub sends JSON; what else came from between isn't for us
    }
    if (typeof message !== "object" || message === null) return;
    if (!owed || (message as Message).type !== "connection") return events.message(message as Message);
    // Also where the hub lets in who has no token: its welcome is to somebody else. The next one, or a close, is to us.
    send([{ action: "authenticate", token: owed }]);
    owed = undefined;
  };
  return {
    send,
    close: () => {
      letGo();
      socket.close(1000);
    },
  };
};
