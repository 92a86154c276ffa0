import { expect, it } from "vitest";
import { placeOf, revisionOf, short } from "../../src/pages/analysis/analysis";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

it("shortens commits, and nothing else", () => {
  expect([COMMIT, `${COMMIT}${"0".repeat(24)}`, "main", "deadbeef", undefined].map(short)).toEqual(["0123456789", "0123456789", "main", "deadbeef", ""]);
});

it("tells what was asked for and which commit that was", () => {
  expect(revisionOf({ ref: "main" })).toBe("main");
  expect(revisionOf({ ref: "main", commit: COMMIT })).toBe("main · 0123456789");
  expect(revisionOf({ ref: COMMIT, commit: COMMIT })).toBe("0123456789"); // once
  expect(revisionOf({ ref: "main", commit: COMMIT, base: "v1.0" })).toBe("v1.0…main · 0123456789");
});

it("says where a finding is, as far as that is known", () => {
  expect(placeOf({ path: "a.py", line: 3, column: 7 })).toBe("a.py:3:7");
  expect(placeOf({ path: "a.py", line: 3, column: 0 })).toBe("a.py:3");
  expect(placeOf({ path: "a.py", line: 0, column: 7 })).toBe("a.py"); // the file as a whole
});
