import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { DqueueError } from "../../core/errors";
import { readAhead } from "./ahead";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Names in here hold a hash of their content: such a file never changes. */
const HASHED = "/assets/";
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

interface File {
  path: string;
  type: string;
  etag: string;
  /** By content encoding, made at build time; "": as it is. */
  encodings: Map<string, string>;
}

interface Build {
  /** By path. */
  files: Map<string, File>;
  /** The `link` header for the page of an address. */
  ahead(url: string): string;
}

/** Serves the web interface: the files of its build, and its page for every other path that a person may open. */
export class WebApp {
  private build: Promise<Build> | null = null;

  /** @param folder of the build. */
  constructor(private readonly folder: string) {}

  /** True of what is the interface's to answer: all that a browser may ask for beside the API and the figures. */
  takes({ method, url = "/", headers: { accept } }: IncomingMessage): boolean {
    const path = pathOf(url);
    if (!(method === "GET" || method === "HEAD") || /^\/(api(\/|$)|health\/|metrics$)/.test(path)) return false;
    return accept === undefined || extname(path) in TYPES || /text\/html|\*\/\*/.test(accept);
  }

  /** @throws DqueueError NOT_FOUND for a file that there is not (any more), UI_NOT_BUILT. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request.url ?? "/");
    const { files, ahead } = await this.known();
    const file = files.get(path) ?? (path.startsWith(HASHED) ? undefined : files.get("/index.html"));
    if (!file)
      throw new DqueueError("NOT_FOUND", `There is no ${path} in this version's interface: load the page anew.`);
    await send(request, response, file, ahead);
  }

  private async known(): Promise<Build> {
    this.build ??= readBuild(this.folder);
    try {
      return await this.build;
    } catch (error) {
      this.build = null;
      throw error;
    }
  }
}

const pathOf = (url: string): string => url.split("?")[0]!;

const readBuild = async (folder: string): Promise<Build> => {
  if (!existsSync(join(folder, "index.html")))
    throw new DqueueError(
      "UI_NOT_BUILT",
      "The web interface has not been built: run npm run build. The API is served.",
    );
  const [files, ahead] = await Promise.all([readFiles(folder), readAhead(folder)]);
  return { files, ahead };
};

const readFiles = async (folder: string): Promise<Map<string, File>> => {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const all = new Set(names);
  const served = names.filter((name) => extname(name) in TYPES);
  const files = served.map(async (name): Promise<[string, File]> => {
    const path = join(folder, name);
    const { mtimeMs, size } = await stat(path);
    const encodings = ENCODINGS.filter(([, end]) => all.has(name + end)).map(([encoding, end]) => [
      encoding,
      path + end,
    ]);
    return [
      `/${name}`,
      {
        path,
        type: TYPES[extname(name)]!,
        etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
        encodings: new Map(encodings as [string, string][]),
      },
    ];
  });
  return new Map(await Promise.all(files));
};

const send = async (
  request: IncomingMessage,
  response: ServerResponse,
  file: File,
  ahead: Build["ahead"],
): Promise<void> => {
  const [encoding, path] = encodingFor(request, file);
  const page = file.path.endsWith("index.html");
  const hashed = file.path.replaceAll("\\", "/").includes(HASHED);
  const headers = {
    "content-type": file.type,
    "cache-control": page ? "no-store" : hashed ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
    ...(page ? linkHeader(ahead(request.url ?? "/")) : { etag: file.etag }),
    ...(encoding !== "" && { "content-encoding": encoding }),
  };
  if (!page && request.headers["if-none-match"] === file.etag) return void response.writeHead(304, headers).end();
  const body = await readFile(path);
  response.writeHead(200, { ...headers, "content-length": body.length });
  response.end(body);
};

const linkHeader = (link: string): Record<string, string> => (link === "" ? {} : { link });

const encodingFor = ({ headers }: IncomingMessage, { path, encodings }: File): [string, string] => {
  const accepted = String(headers["accept-encoding"] ?? "");
  for (const [encoding, encoded] of encodings)
    if (new RegExp(`\\b${encoding}\\b(?!;\\s*q=0(\\.0*)?\\b)`).test(accepted)) return [encoding, encoded];
  return ["", path];
};
