import { describe, expect, it } from "vitest";
import en from "../../src/locales/en/training.json";
import { chunksOf, countsOf, pageAtWork, paged, STAGES, stagesOf, told, totalOf, type DocumentState, type Training } from "../../src/pages/training/training";

const training = (more: Partial<Training> = {}): Training => ({
  id: "t-1", node: "n", folder: "/srv", state: "running", cancelling: false, created: "2026-11-21T10:00:00Z",
  files_total: 0, trained: 0, skipped: 0, failed: 0, chunks: 0, progress: 0, ...more,
});
const documents = (number: number): DocumentState[] =>
  Array.from({ length: number }, (_, index) => ({ index, name: `${index}.md`, state: "trained", stage: 14, stage_name: "", progress: 100, text: "", chunks: 1, replaced: 0, seconds: 1 }));

describe("stages of a document", () => {
  const drawn = (state: DocumentState["state"], stage: number) => stagesOf({ state, stage }).map((cell) => cell[0]).join("");

  it("are done up to the one it is in", () => {
    expect(drawn("running", 5)).toBe("ddddnaaaaaaaaa");
    expect(drawn("running", 14)).toBe("dddddddddddddn");
    expect(drawn("trained", 14)).toBe("dddddddddddddd");
  });

  it("end where it ended", () => {
    expect(drawn("failed", 3)).toBe("ddfaaaaaaaaaaa");
    expect(drawn("skipped", 2)).toBe("dsaaaaaaaaaaaa");
    expect(drawn("cancelled", 0)).toBe("aaaaaaaaaaaaaa"); // it never began
  });

  it("have a text each", () => {
    expect(Object.keys(en.stage)).toEqual([...STAGES]);
  });
});

it("counts what all jobs come to", () => {
  const jobs = [training({ trained: 2, failed: 1 }), training({ state: "queued" }), training({ state: "completed", trained: 5, skipped: 4 }), training({ state: "failed", failed: 3 })];
  expect(countsOf(jobs)).toEqual({ running: 1, queued: 1, trained: 7, failed: 4 });
});

describe("pages of documents", () => {
  it("go as far as documents ended", () => {
    expect(paged(training({ files_total: 400, trained: 100, skipped: 20, failed: 3, files: documents(50) }), 0, 50)).toBe(123);
  });

  it("count those that the hub doesn't count: one at work, and cancelled ones", () => {
    expect(paged(training({ files_total: 400, trained: 50, files: documents(1) }), 50, 50)).toBe(51);
    expect(paged(training({ state: "cancelled", files_total: 400, trained: 20, files: documents(50) }), 0, 50)).toBe(51); // there may be more
    expect(paged(training({ state: "cancelled", files_total: 400, trained: 20, files: documents(7) }), 50, 50)).toBe(57);
  });

  it("are no more than the documents", () => {
    expect(paged(training({ files_total: 50, trained: 49, files: documents(50) }), 0, 50)).toBe(50);
    expect(paged(training(), 0, 50)).toBe(0);
  });
});

it("doesn't say a document's name twice", () => {
  expect(told({ name: "a.md", text: "a.md: 3 chunks" })).toBe("3 chunks");
  expect(told({ name: "a.md", text: "expected text" })).toBe("expected text");
});

it("follows the document at work from page to page", () => {
  const page = (ended: number, more: Partial<Training> = {}) => pageAtWork(training({ trained: ended, files_total: 120, ...more }), 50);
  expect([0, 49, 50, 119, 120].map((ended) => page(ended))).toEqual([1, 1, 2, 3, 3]);
  expect(page(100, { files_total: 100 })).toBe(2); // no page without a document
  expect(page(60, { state: "completed" })).toBeUndefined();
  expect(page(0, { files_total: 0 })).toBeUndefined();
});

it("shows no number that isn't known yet", () => {
  expect([chunksOf(training()), totalOf(training())]).toEqual([undefined, undefined]);
  expect([chunksOf(training({ state: "completed" })), totalOf(training({ files_total: 3 }))]).toEqual([0, 3]);
});
