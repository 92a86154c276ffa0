import { act, cleanup, fireEvent, render, renderHook, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Newer, Pause } from "../../src/components/Hold";
import { looked, turned, useHold, type Hold } from "../../src/components/useHold";

const NOW = { value: "new", received: 9 };
const ASKED: Hold<string> = { value: "old", received: 5, why: "asked" };
const LOOKING: Hold<string> = { ...ASKED, why: "looking" };

describe("what holds a list", () => {
  it("is the button, which lets go whatever held it", () => {
    expect(turned(undefined, NOW)).toEqual({ ...NOW, why: "asked" });
    expect(turned(ASKED, NOW)).toBeUndefined();
    expect(turned(LOOKING, NOW)).toBeUndefined();
  });

  it("is looking at older lines, until the newest is looked at again", () => {
    expect(looked(undefined, NOW, true)).toEqual({ ...NOW, why: "looking" });
    expect(looked(LOOKING, NOW, true)).toBe(LOOKING);
    expect(looked(LOOKING, NOW, false)).toBeUndefined();
    expect(looked(undefined, NOW, false)).toBeUndefined();
  });

  it("isn't changed by looking when it was asked for", () => {
    expect(looked(ASKED, NOW, true)).toBe(ASKED);
    expect(looked(ASKED, NOW, false)).toBe(ASKED);
  });
});

it("a held list is as it was, counts what comes beyond what is kept, and goes on with the newest", () => {
  const { result, rerender } = renderHook(({ value, received }) => useHold(value, received), { initialProps: { value: ["a", "b"], received: 2 } });
  const { turn, look } = result.current;
  act(() => look(true));
  rerender({ value: ["z"], received: 5_000 });
  expect(result.current).toMatchObject({ shown: ["a", "b"], why: "looking", newer: 4_998 });
  act(() => look(false));
  expect(result.current).toMatchObject({ shown: ["z"], why: undefined, newer: 0 });
  act(turn);
  act(() => look(false));
  rerender({ value: ["y"], received: 1 }); // the feed began anew
  expect(result.current).toMatchObject({ shown: ["z"], why: "asked", newer: 0 });
  act(turn);
  expect(result.current.shown).toEqual(["y"]);
  expect([result.current.turn, result.current.look]).toEqual([turn, look]);
});

describe("the button and the bar", () => {
  afterEach(cleanup);

  const List = ({ received }: { readonly received: number }) => {
    const { why, newer, turn } = useHold(received, received);
    return <><Pause why={why} turn={turn} /><Newer why={why} newer={newer} turn={turn} /></>;
  };

  it("the bar is there while the list is held, and shows what came when it is pressed", () => {
    const { rerender } = render(<List received={1} />);
    expect(screen.queryByText("live.still")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: /action.pause/ }));
    expect(screen.getByText("live.still")).toBeTruthy();
    rerender(<List received={3} />);
    fireEvent.click(screen.getByRole("button", { name: "live.newer" }));
    expect(screen.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["action.pause"]);
  });
});
