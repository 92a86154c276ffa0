// Compiles src/ to dist/: modules with their types for bundlers and Node, and each entry in one file for pages without a
// bundler (dist/browser/).
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
rmSync(join(root, "dist"), { recursive: true, force: true });

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "--project", join(root, "tsconfig.json")], { stdio: "inherit" });
if (status) process.exit(status);

await build({
  absWorkingDir: root,
  entryPoints: ["index", "sse", "shared", "http", "chat"].map((name) => `src/${name}.ts`),
  outdir: "dist/browser",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  chunkNames: "[hash]",
  logLevel: "warning",
});
