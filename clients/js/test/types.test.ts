import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..", "..");

test("the shipped types serve a user without Node's types, and check the shipped declarations themselves", () => {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", "test/consumer"], { cwd: root });
  assert.equal(status, 0, String(stdout));
});
