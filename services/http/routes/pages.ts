import { DOCS_HTML, DOCS_JS } from "../pages/docs";
import { STYLE } from "../pages/style";
import type { Route } from "../route";

const page = (path: string, operation: string, type: string, body: string): Route => ({
  method: "GET",
  path,
  operation,
  tag: "pages",
  summary: operation,
  replies: { 200: { description: "The page.", schema: null, type } },
  handle: () => ({ status: 200, body, type: `${type}; charset=utf-8`, headers: { "cache-control": "no-cache" } }),
});

/** The API's own description for people. */
export const PAGE_ROUTES: Route[] = [
  page("/api/docs", "docs", "text/html", DOCS_HTML),
  page("/api/docs.css", "docsStyle", "text/css", STYLE),
  page("/api/docs.js", "docsScript", "text/javascript", DOCS_JS),
];
