import type { Route } from "../route";

/** The API's reference, drawn of openapi.json by what the build has put beside the interface (`build-ui.ts`). */
const DOCS = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>API reference · dqueue</title>
  <link rel="icon" href="/favicon.svg">
  <link rel="stylesheet" href="/api-docs/swagger-ui.css">
  <link rel="stylesheet" href="/api-docs/page.css">
  <script src="/theme.js"></script>
  <script src="/api-docs/swagger-ui-bundle.js" defer></script>
  <script src="/api-docs/start.js" defer></script>
</head>
<body>
  <nav aria-label="Pages"><a href="/">dqueue</a> <a href="/api/openapi.json">openapi.json</a></nav>
  <main id="api"></main>
  <noscript>This page needs JavaScript. What it shows is in <a href="/api/openapi.json">openapi.json</a>.</noscript>
</body>
</html>
`;

/** Pages for people, beside the interface. */
export const PAGE_ROUTES: Route[] = [
  {
    method: "GET",
    path: "/api/docs",
    operation: "docs",
    tag: "pages",
    role: "public",
    summary: "The API's reference.",
    replies: { 200: { description: "The page.", schema: null, type: "text/html" } },
    handle: () => ({
      status: 200,
      body: DOCS,
      type: "text/html; charset=utf-8",
      headers: { "cache-control": "no-cache" },
    }),
  },
];
