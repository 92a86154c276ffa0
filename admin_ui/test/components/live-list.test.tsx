import { act, cleanup, render, screen } from "@testing-library/react";
import type { Publication } from "tocsin-client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveList } from "../../src/components/LiveList";
import type { FeedState } from "tocsin-client/feed";
import { text } from "../../src/hub/fields";

const HOSTILE = "<img src=x onerror=alert(1)>";
const publication = (data: unknown, offset: number): Publication => ({ type: "x", channel: "c", data, timestamp: "2026-11-21T10:00:00Z", epoch: "e", offset });
const feed = (publications: readonly Publication[]): FeedState => ({ publications, received: publications.length, state: "live", gaps: [], error: undefined, arrivedAt: () => undefined });
const show = (state: FeedState) => <LiveList title="Said" feed={state} empty="Quiet" line={({ data }) => ({ mark: "m", text: text(data) })} />;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it("shows the newest lines first, so many of them, as text", () => {
  const { container } = render(show(feed([...Array.from({ length: 70 }, (_, at) => publication(`line ${at}`, at)), publication(HOSTILE, 70), publication({ no: "text" }, 71)])));
  const lines = screen.getAllByRole("listitem");
  expect(lines).toHaveLength(60);
  expect(lines[1]?.textContent).toContain(HOSTILE);
  expect(lines[2]?.textContent).toContain("line 69");
  expect(container.querySelector("img")).toBeNull();
});

it("says that it is empty once history had its time to come", () => {
  render(show(feed([])));
  expect(screen.queryByText("Quiet")).toBeNull();
  act(() => void vi.advanceTimersByTime(1_000));
  expect(screen.getByText("Quiet")).toBeTruthy();
});
