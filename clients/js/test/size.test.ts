import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..", "..");

/** Bytes of one entry with all that it imports, minified and gzipped. */
const sizeOf = async (name: string): Promise<number> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/${name}.ts`],
    external: ["react"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
  console.log(`${name}: ${size} bytes`);
  return size;
};

test("the core is below 6 kB", async () => assert.ok((await sizeOf("index")) < 6000));

for (const name of ["sse", "shared", "http", "chat", "feed", "react"]) {
  test(`${name} is below 3 kB, and doesn't bring the core along`, async () => assert.ok((await sizeOf(name)) < 3000));
}
