// Compiles src/ and test/ to build/, and runs the unit tests. Further arguments go to node, such as --test-name-pattern=gap.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const run = (...command) => {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
rmSync(join(root, "build"), { recursive: true, force: true });
run(join(root, "node_modules", "typescript", "bin", "tsc"), "--project", join(root, "tsconfig.test.json"));
const files = readdirSync(join(root, "build", "test")).filter((name) => name.endsWith(".test.js"));
run("--test", ...process.argv.slice(2), ...files.map((name) => join(root, "build", "test", name)));
