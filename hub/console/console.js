/** The console: puts the parts together. */

import { Channels } from "./channels.js";
import { Connection } from "./connection.js";
import { byId, setText } from "./dom.js";
import { Mark, Message } from "./feed.js";
import { showPicker, startPicker } from "./picker.js";
import { startPublisher, suggestChannels } from "./publisher.js";
import { Reader } from "./reader.js";
import { askToken, showAccount, startSignin } from "./signin.js";
import { degraded, restored, showNotice, showState, startStatus, tokenExpiring } from "./status.js";
import { showSystem, startSystem, systemNodes, systemStats } from "./system.js";
import { brief, count, visible } from "./text.js";
import { themeButton } from "./theme.js";
import { keepToken, token } from "./token.js";

const SYSTEM = "system_alerts";
const STATS_EVERY = 10;

const newClient = () => `console-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
let client = newClient();
let person = "";
let received = 0;
let thisSecond = 0;
let seconds = 0;
let opened = 0;
let ahead = 0; // of the hub's clock before ours, in milliseconds
let nearest = Infinity;

function address() {
  const url = new URL(document.documentElement.dataset.socket?.slice(1) ?? "ws", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("client_id", client);
  return url.href;
}

const connection = new Connection(address, token, { state: changed, welcome, publication, notice, pong });
const channels = new Channels(connection, (channel, kind, text) => reader.push(new Mark(kind, channel, text)));
const reader = new Reader(channels);

/** @param {import("./connection.js").State} state */
function changed(state) {
  if (state.phase !== "live") channels.ended();
  if (state.phase === "signin") {
    const fault = token() ? state.reason : "";
    keepToken("");
    showAccount("");
    askToken(fault);
  }
  showState(state);
  show();
}

/** @param {any} message */
function welcome(message) {
  opened += 1;
  nearest = Infinity;
  const user = message.user === null || message.user === undefined ? "" : String(message.user);
  if (person && user !== person) forget();
  person = user;
  showAccount(user === message.client_id ? "" : visible(user));
  setText(byId("fact-client"), visible(String(message.client_id)));
  setText(byId("fact-session"), visible(String(message.session)));
  setText(byId("fact-reconnects"), count(opened - 1));
  const names = Array.isArray(message.available_channels) ? message.available_channels.map(String) : [];
  void channels.welcome(names).then(askStats).then(show);
  show();
}

/** @param {any} message @param {string} frame */
function publication(message, frame) {
  const channel = channels.accept(message);
  if (!channel) return;
  received += 1;
  thisSecond += 1;
  if (!reader.sees(channel.name)) channel.unread += 1;
  if (channel.name === SYSTEM && message.type === "system_stats") {
    systemStats(message);
    showStrip();
  }
  reader.push(new Message(message, frame));
}

/** @type {Record<string, (message: any) => void>} */
const NOTICES = {
  unsubscribed: (message) => channels.revoked(message),
  position: (message) => channels.all.get(message.channel)?.withheld(message),
  gap: (message) => channels.lost(message),
  degraded,
  restored,
  token_expiring: (message) => tokenExpiring(Number(message.seconds) || 0),
};

/** @param {any} message */
function notice(message) {
  // An operator's message to this client has data, and a type of the operator's choice.
  if (!("data" in message) && Object.hasOwn(NOTICES, message.type)) NOTICES[message.type](message);
  show();
}

// The exchange with the shortest round trip tells the most about the other clock.
/** @param {number} sent @param {number} back @param {string} timestamp */
function pong(sent, back, timestamp) {
  const trip = back - sent;
  setText(byId("latency"), brief(trip));
  setText(byId("fact-latency"), `${brief(trip)} ms`);
  const theirs = Date.parse(timestamp);
  if (Number.isNaN(theirs) || trip > nearest) return;
  nearest = trip;
  ahead = theirs - (Date.now() - trip / 2);
  const off = Math.round(ahead);
  const near = Math.abs(off) <= Math.max(2, Math.ceil(trip / 2));
  setText(byId("fact-clock"), near ? "In step" : `${brief(Math.abs(off))} ms ${off > 0 ? "ahead" : "behind"}`);
}

function showStrip() {
  showSystem(connection.state.phase === "live", channels.all.get(SYSTEM)?.state ?? "off", Date.now() + ahead);
}

/** Draws what changes seldom. */
function show() {
  for (const channel of channels.all.values()) if (reader.sees(channel.name)) channel.unread = 0;
  showPicker(channels, show);
  reader.showFilter();
  const subscribed = [...channels.all.values()].filter((channel) => channel.state === "on" || channel.state === "pending");
  reader.situation(connection.state.phase, subscribed.length);
  const unread = subscribed.reduce((sum, channel) => sum + channel.unread, 0);
  byId("tab-unread").hidden = unread === 0;
  setText(byId("tab-unread"), unread > 99 ? "99+" : String(unread));
  setText(byId("fact-gaps"), count(channels.gaps));
  setText(byId("fact-received"), count(received));
  showStrip();
}

function eachSecond() {
  setText(byId("rate"), brief(thisSecond));
  thisSecond = 0;
  seconds += 1;
  for (const channel of channels.all.values()) channel.tick();
  if (connection.state.phase === "live" && !document.hidden && seconds % STATS_EVERY === 0) void askStats();
  show();
}

async function askStats() {
  try {
    const { data } = await connection.request({ action: "stats" });
    channels.counted(data);
    systemNodes(data);
    setText(byId("fact-clients"), typeof data?.total_clients === "number" ? count(data.total_clients) : "–");
  } catch {
    // asked again in a while
  }
}

/** Forgets what the last person saw. */
function forget() {
  person = "";
  channels.reset();
  reader.clear();
}

/** Another person may sign in under a new client id only, since the hub may still know the old one as somebody else's. */
function begin() {
  client = newClient();
  showAccount("");
  connection.open();
}

/** @param {Element} tab @param {boolean} yes */
const setCurrent = (tab, yes) => (yes ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current"));

for (const button of document.querySelectorAll(".tabs button")) {
  button.addEventListener("click", () => {
    document.body.dataset.view = /** @type {HTMLElement} */ (button).dataset.show;
    for (const one of document.querySelectorAll(".tabs button")) setCurrent(one, one === button);
    reader.list.measure();
    show();
  });
}

themeButton(byId("theme"));
startPicker(channels, show);
startPublisher(token);
startSystem(() => void channels.subscribe(SYSTEM).catch(() => undefined).then(show));
startSignin({ signedIn: begin, signedOut: () => (forget(), begin()) });
startStatus({ retry: () => connection.open(), signin: () => askToken("") });
setInterval(eachSecond, 1000);
setInterval(showNotice, 250);
begin();
