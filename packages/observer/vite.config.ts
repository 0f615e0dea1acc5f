/** Builds the page into `dist/page`, to be shipped: `npm run build:page`. */
import { defineConfig } from "vite"

export default defineConfig({
  root: new URL("page", import.meta.url).pathname,
  base: "./",
  logLevel: "warn",
  // The page's policy allows no `eval`, and the ordinary build tries whether it may.
  resolve: { alias: { msgpackr: "msgpackr/index-no-eval" } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: "es2022",
    // Those that know light-dark(): it is left as it is.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    // Nothing inline: the page's policy allows only files of this server.
    assetsInlineLimit: 0,
  },
})
