import { gunzipSync, brotliDecompressSync } from "node:zlib";
import { request } from "node:http";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await DATABASES[0]![1]();
  world = await startWorld(database, { coordinator: false });
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

/** fetch would decompress. */
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(world.url + path, { method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers as never, body: Buffer.concat(parts) }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });

const scriptOf = (html: string): string => /src="(\/assets\/[^"]+\.js)"/.exec(html)![1]!;

test("every address beside the API answers the page, never from a cache", async () => {
  for (const path of ["/", "/runs", "/runs/0198f3c2-7d41?tab=logs", "/no/such/page", "/apiary"]) {
    const { status, headers, body } = await get(path);
    expect([path, status, headers["content-type"], headers["cache-control"]]).toEqual([
      path,
      200,
      "text/html; charset=utf-8",
      "no-store",
    ]);
    expect(body.toString()).toContain('<div id="root">');
  }
});

test("with the page of a run comes what it asks for first, so that nothing waits for its scripts", async () => {
  const id = "01a218a2-1b52-71dd-8350-c77ae6b7360f";
  const linksOf = async (path: string): Promise<string[]> => (await get(path)).headers.link?.split(", ") ?? [];
  const links = await linksOf(`/runs/${id}?step=a`);
  expect(links.filter((link) => link.includes("as=fetch"))).toEqual(
    ["/timeline/columns", "", "/graph"].map((end) => `</api/runs/${id}${end}>; rel=preload; as=fetch; crossorigin`),
  );
  const paths = links.map((link) => /^<(.*)>/.exec(link)![1]!).filter((path) => path.startsWith("/assets/"));
  expect(paths.some((path) => path.endsWith(".css"))).toBe(true);
  for (const path of paths) expect([path, (await get(path, {}, "HEAD")).status]).toEqual([path, 200]);
  expect((await linksOf(`/runs/${id}?tab=logs`)).length).toBeLessThan(links.length);
  expect(await linksOf("/runs/01a218a2")).toEqual([]);
});

test("programs that ask for JSON at a wrong address are told so", async () => {
  const { status, body } = await get("/runs", { accept: "application/json" });
  expect([status, JSON.parse(body.toString()).code]).toEqual([404, "NOT_FOUND"]);
  expect((await get("/api/no/such", { accept: "text/html" })).status).toBe(404);
  expect((await get("/runs", {}, "POST")).status).toBe(404);
});

test("files whose name holds their hash are kept for ever, and travel compressed as the browser likes", async () => {
  const script = scriptOf((await get("/")).body.toString());
  const plain = await get(script);
  expect(plain.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
  const brotli = await get(script, { "accept-encoding": "gzip, deflate, br" });
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
  const gzip = await get(script, { "accept-encoding": "br;q=0, gzip" });
  expect(gzip.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
});

test("a file of another build is missing, not a page in its place", async () => {
  const { status, body } = await get("/assets/index-0ld.js");
  expect([status, JSON.parse(body.toString()).code]).toEqual([404, "NOT_FOUND"]);
});

test("files without a hash are asked for again, and sent again only where they have changed", async () => {
  const { headers } = await get("/theme.js");
  expect(headers["cache-control"]).toBe("no-cache");
  const again = await get("/theme.js", { "if-none-match": headers.etag! });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test("a HEAD request gets the headers alone; no path leads out of the folder", async () => {
  const head = await get("/theme.js", {}, "HEAD");
  expect([head.status, head.body.length]).toEqual([200, 0]);
  for (const path of ["/../package.json", "/assets/../../../package.json", "/%2e%2e/package.json"])
    expect((await get(path)).body.toString()).not.toContain('"dependencies"');
});

test("the page runs no inline script and loads nothing from elsewhere", async () => {
  const { headers, body } = await get("/");
  expect(headers["content-security-policy"]).toContain("default-src 'self'");
  expect(body.toString()).not.toMatch(/https?:\/\/|<script(?![^>]*src=)|\son\w+=|style=/);
});
