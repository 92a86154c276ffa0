/** The hub's address over HTTP, without what comes after its own path. */
export const rootOf = (url: string | URL): string => {
  const { protocol, host, pathname } = new URL(url, globalThis.location?.href);
  if (!/^(http|ws)s?:$/.test(protocol)) throw new TypeError(`expected an address with http, https, ws or wss, got ${protocol}`);
  return `${protocol.replace("ws", "http")}//${host}${pathname.replace(/(\/ws)?\/*$/, "")}`;
};
