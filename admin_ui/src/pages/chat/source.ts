import { HubError } from "tocsin-client";
import type { Member } from "../../hub/member";
import type { ChatEvent, Snapshot } from "../../hub/my";
import type { Source } from "./follower";

/** Runs that are looked at for those that ended without an answer, and messages of a page. */
const RUNS = 100;
const PAGE = 50;
const EVENTS = 200;

/** A session on the hub. */
export function sourceOf({ api, hub, token, address }: Member, session_id: string): Source {
  const params = { session_id };
  return {
    snapshot: async (signal) => snapshotIn(await stream(new URL(`my/sse/${encodeURIComponent(session_id)}`, address), await token(), signal)),
    runs: async (signal) => (await api.get("/my/chat/sessions/{session_id}/runs/", { params, query: { limit: RUNS }, signal })).items,
    events: (after, signal) => api.get("/my/chat/sessions/{session_id}/events/", { params, query: { after, limit: EVENTS }, signal }),
    older: (before, signal) => api.get("/my/chat/sessions/{session_id}/messages/", { params, query: { before, limit: PAGE }, signal }),
    listen: (heard, live, failed) => {
      const subscription = hub.subscribe<ChatEvent["data"]>(`session:${session_id}`, { queue: 1 });
      subscription.addEventListener("publication", ({ detail: { type, data } }) => heard({ type, data } as ChatEvent));
      subscription.addEventListener("gap", live);
      subscription.addEventListener("state", ({ detail: { state } }) => state === "live" && live());
      subscription.addEventListener("error", failed);
      return () => subscription.close();
    },
  };
}

async function stream(address: URL, token: string | undefined, signal: AbortSignal): Promise<Response> {
  const gone = new AbortController();
  signal.addEventListener("abort", () => gone.abort());
  const headers = { Accept: "application/x-ndjson", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(address, { headers, signal: gone.signal, cache: "no-store" }).catch((error: unknown) => {
    throw new HubError("disconnected", error instanceof Error ? error.message : String(error), true);
  });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  const temporary = problem["temporary"] === true || answer.status >= 500;
  throw new HubError(String(problem["code"] ?? "internal"), String(problem["detail"] ?? answer.statusText), temporary, undefined, problem, answer.status);
}

/** The first snapshot of a stream, which is left then: what follows comes by the channel. */
async function snapshotIn(answer: Response): Promise<Snapshot> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      text += value ?? "";
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const { type, data } = JSON.parse(line || "{}") as { type?: string; data?: Snapshot };
        if (type === "SNAPSHOT" && data) return data;
      }
      if (done) throw new HubError("disconnected", "the stream ended before its snapshot", true);
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}
