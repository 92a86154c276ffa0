// Follow a channel over any number of connections: each publication once and in order, or a word that some are gone.
//
//     node examples/follow.mjs ws://127.0.0.1:8080/ws system_alerts
//
// In a browser, import `follow`. Node has a WebSocket of its own from version 22 on.

const mayReturn = (code) => [1001, 1005, 1006, 1011, 1012, 1013].includes(code) || (code >= 4000 && code < 4500);

export function follow(url, channel, {take, gap = () => {}, end = () => {}}) {
  let since, delay;
  let attempt = 0;

  function connect() {
    const ws = new WebSocket(url);
    let quiet;
    const heard = () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        ws.send(JSON.stringify({action: "ping"}));  // a page can't see the hub's own pings
        quiet = setTimeout(() => lost(1006), 10_000);
      }, 40_000);
    };
    const lost = (code, why = code) => {
      clearTimeout(quiet);
      ws.onclose = ws.onmessage = null;
      ws.close();
      if (!mayReturn(code)) return end(why);
      setTimeout(connect, delay ?? Math.random() * Math.min(20_000, 500 * 2 ** attempt++));
      delay = undefined;
    };
    ws.onopen = () => ws.send(JSON.stringify({action: "subscribe", channel, since}));
    ws.onerror = () => {};  // a close follows
    ws.onclose = (event) => lost(event.code);
    ws.onmessage = (event) => {
      heard();
      const message = JSON.parse(event.data);
      if (message.type === "gap" || message.recovered === false) gap();
      if ("channel" in message && "data" in message) {  // a publication, whatever its type
        take(message);
      } else if (message.type === "subscribe") {
        attempt = 0;
        if (message.replayed) return;  // what follows has the positions; this one is already that of its end
      } else if (message.type === "reconnect") {
        delay = message.delay_ms;
      } else if ("code" in message) {  // an error, or the end of the subscription
        lost(message.temporary ? 1006 : 4500, message.message);
      }
      if ("offset" in message) since = {epoch: message.epoch, offset: message.offset};
    };
  }
  connect();
}

if (globalThis.process?.argv[1]?.endsWith("follow.mjs")) {
  const [url, channel] = process.argv.slice(2);
  follow(url, channel, {
    take: (message) => console.log(JSON.stringify(message)),
    gap: () => console.log("gap"),
    end: (code) => console.log(`closed for good (${code})`),
  });
}
