import { DOCS_HTML, DOCS_JS } from "../pages/docs";
import { HOME_HTML } from "../pages/home";
import { HOME_JS } from "../pages/home-script";
import { FAVICON, STYLE } from "../pages/style";
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

/** What people see in a browser until the web app stands here. */
export const PAGE_ROUTES: Route[] = [
  page("/", "home", "text/html", HOME_HTML),
  page("/home.js", "homeScript", "text/javascript", HOME_JS),
  page("/style.css", "style", "text/css", STYLE),
  page("/favicon.svg", "favicon", "image/svg+xml", FAVICON),
  page("/api/docs", "docs", "text/html", DOCS_HTML),
  page("/api/docs.js", "docsScript", "text/javascript", DOCS_JS),
];
