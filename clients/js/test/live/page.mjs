// A page under test. `start(settings)` connects and follows; what happens is in `seen`.
import { connect } from "/client/index.js";
import { shared } from "/client/shared.js";
import { sse } from "/client/sse.js";

globalThis.seen = { data: [], gaps: [], states: [], errors: [] };

globalThis.start = ({ channel, share, transport, ...options }) => {
  const carrier = share ? { transport: shared() } : transport ? { transport: sse } : {};
  const hub = connect("/", { ...options, ...carrier });
  globalThis.hub = hub;
  hub.addEventListener("state", ({ detail }) => seen.states.push(detail));
  hub.addEventListener("error", ({ detail }) => seen.errors.push(String(detail)));
  globalThis.sub = hub.subscribe(channel);
  sub.addEventListener("publication", ({ detail }) => seen.data.push(detail.data));
  sub.addEventListener("gap", ({ detail }) => seen.gaps.push(detail));
};
