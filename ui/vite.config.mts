import { defineConfig } from "vite";

/** `npx vite ui` serves it with changes at once, on top of a server that runs at its usual port. */
export default defineConfig({
  build: {
    outDir: "../dist/ui",
    emptyOutDir: true,
    // By which a test knows what a page needs.
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    // "use client" is for servers that render; there is none.
    rolldownOptions: {
      // What most pages share, in one piece: a dozen small ones compress worse.
      output: {
        codeSplitting: {
          groups: [
            { name: "parts", test: /\/ui\/(parts\/(bars|chips|ids|menu|narrow)|data\/url|pages\/runs\/filter)\./ },
            // What the views of a run share, for the same reason; of these, none imports anything else.
            {
              name: "steps",
              test: /\/ui\/pages\/run\/steps\/(steps|step-filter|past-state|figures|usage)\./,
            },
            {
              name: "shared",
              // Less what is loaded late.
              test: /\/ui\/(parts\/(buttons|copy|status|time)|data\/(client|queries)|frame\/(keys|theme|connection))\.|\/client\/(?!stream|log-lines|follow-run|run-output|patience)|\/@tanstack\/(query-core|react-query)\/(?!.*ueries(Observer)?\.js)/,
            },
            { name: "beside", test: /\/ui\/parts\/(search-box|focus-return)\./ },
          ],
        },
      },
      onLog: (level, log, tell) => log.code === "MODULE_LEVEL_DIRECTIVE" || tell(level, log),
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": "http://127.0.0.1:3000", "/metrics": "http://127.0.0.1:3000" } },
});
