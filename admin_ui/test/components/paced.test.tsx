import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { rangeOf } from "../../src/components/range";
import { usePaced } from "../../src/components/usePaced";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("a value that changes all the time is shown at a pace, and the last one always", () => {
  const { result, rerender } = renderHook(({ value }) => usePaced(value, 100), { initialProps: { value: 0 } });
  act(() => vi.advanceTimersByTime(1));
  const seen = new Set<number>();
  for (let value = 1; value <= 50; value++) {
    rerender({ value });
    act(() => vi.advanceTimersByTime(10));
    seen.add(result.current);
  }
  act(() => vi.advanceTimersByTime(100));
  expect(result.current).toBe(50);
  expect(seen.size).toBeGreaterThan(3);
  expect(seen.size).toBeLessThan(8);
});

it("a chart goes back as far as is asked, but no further than there is something", () => {
  expect(rangeOf([{ at: 500_000 }, { at: 900_000 }], 1_000_000, 3_600_000)).toEqual([500_000, 1_000_000]);
  expect(rangeOf([{ at: 500_000 }, { at: 900_000 }], 1_000_000, 300_000)).toEqual([700_000, 1_000_000]);
  expect(rangeOf([], 1_000_000, 300_000)).toEqual([940_000, 1_000_000]);
  expect(rangeOf([{ at: 1_001_000 }], 1_000_000, 300_000)).toEqual([941_000, 1_001_000]); // a hub's clock that is ahead
});
