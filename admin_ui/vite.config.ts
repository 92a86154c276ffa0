import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The running hub that `npm run dev` shows. */
const hub = process.env["TOCSIN_URL"] ?? "http://127.0.0.1:8080";

const proxy = Object.fromEntries(
  ["/api", "/train", "/query", "/health", "/ready"].map((path) => [path, { target: hub, changeOrigin: true }]),
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
        advancedChunks: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
            { name: "charts", test: /node_modules[\\/](echarts|zrender)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { ...proxy, "/ws": { target: hub, ws: true, changeOrigin: true } } },
  test: { environment: "jsdom", include: ["test/**/*.test.{ts,tsx}"], restoreMocks: true },
}));
