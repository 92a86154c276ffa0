// A page under test that shows a channel with the hook, in React's strict mode.
import { connect } from "tocsin-client";
import { HubProvider, useChannel, useHub, useHubState } from "tocsin-client/react";
import { createElement as h, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const results = new Set();

function Feed({ channel, limit }) {
  const [turns, setTurns] = useState(0);
  const hub = useHub();
  const state = useHubState(hub);
  const feed = useChannel(hub, channel, { limit });
  results.add(feed);
  globalThis.renderings = (globalThis.renderings ?? 0) + 1;
  globalThis.results = results.size;
  return h(
    "section",
    null,
    h("output", { id: "hub" }, state),
    h("output", { id: "state" }, feed.state),
    h("output", { id: "error" }, feed.error?.code ?? "none"),
    h("output", { id: "gaps" }, feed.gaps.map(({ reason }) => reason).join()),
    h("output", { id: "last" }, JSON.stringify(feed.last?.data ?? null)),
    h("output", { id: "messages" }, JSON.stringify(feed.messages.map(({ data }) => data))),
    h("button", { id: "again", onClick: () => setTurns(turns + 1) }, `rendered ${turns} times more`),
  );
}

function Page() {
  const [channel, setChannel] = useState("ai_analysis");
  const [shown, show] = useState(true);
  return h(
    "main",
    null,
    h("button", { id: "other", onClick: () => setChannel("system_alerts") }, "other channel"),
    h("button", { id: "bad", onClick: () => setChannel("nope") }, "bad channel"),
    h("button", { id: "toggle", onClick: () => show(!shown) }, "toggle"),
    shown && h(Feed, { channel, limit: 5 }),
  );
}

globalThis.hub = connect("/");
createRoot(document.getElementById("root")).render(h(StrictMode, null, h(HubProvider, { hub: globalThis.hub }, h(Page))));
