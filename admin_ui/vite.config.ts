import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The running hub that `npm run dev` shows. */
const hub = process.env["TOCSIN_URL"] ?? "http://127.0.0.1:8080";

// As if the page came from the hub: it lets no other origin write.
const towards = { target: hub, changeOrigin: true, headers: { origin: hub } };

const proxy = Object.fromEntries(
  ["/api", "/auth", "/my", "/train", "/query", "/health", "/ready", "/asyncapi.json"].map((path) => [path, towards]),
);

export default defineConfig(({ command }) => ({
  // What is built finds its parts beside itself, so that a proxy may take a prefix away; see <base> in index.html.
  base: command === "build" ? "./" : "/admin/",
  plugins: [react()],
  // The client's folder has a React of its own, for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  build: {
    outDir: "../hub/admin",
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
            // Which the palette needs too: in "charts" it would bring them to every page.
            { name: "tslib", test: /node_modules[\\/]tslib[\\/]/, priority: 1 },
            { name: "charts", test: /node_modules[\\/](echarts|zrender)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { ...proxy, "/ws": { ...towards, ws: true } } },
  test: {
    restoreMocks: true,
    // What renders has a document; making one takes longer than most tests. What doesn't keeps nothing outside of itself:
    // its files share a worker each core, and read the modules once.
    projects: [
      { extends: true, test: { name: "logic", environment: "node", include: ["test/**/*.test.ts"], isolate: false, unstubGlobals: true } },
      { extends: true, test: { name: "components", environment: "jsdom", include: ["test/**/*.test.tsx"] } },
    ],
  },
}));
