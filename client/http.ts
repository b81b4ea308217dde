import { ApiError, apiError } from "./api-error";
import type { Page, Problem } from "./types";

export interface ClientOptions {
  /** Of the server, e.g. `http://127.0.0.1:3000`; a user and password in it are sent as basic authentication. */
  url: string;
  /** As `dqueue keys create` prints it; takes the place of a password in the URL. */
  apiKey?: string | undefined;
  /** Sent with each request. */
  headers?: Record<string, string>;
  /** Milliseconds until an answer must have come; 30,000. Streams have no such limit. */
  timeoutMs?: number;
  /** Takes the place of the global `fetch`, e.g. to go by a proxy. */
  fetch?: typeof fetch;
}

export type Query = Record<string, string | number | readonly string[] | undefined>;

interface Asked {
  query?: Query;
  body?: object;
  headers?: Record<string, string>;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection broke",
  UND_ERR_SOCKET: "the connection broke",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be resolved now",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak https",
};

/** Escapes in a URL are UTF-8. */
const basic = (username: string, password: string): Record<string, string> => {
  const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
};

/** Requests as JSON; every failure is an ApiError. */
export class Http {
  /** Without a password: errors show it. */
  private readonly base: string;
  private readonly headers: Record<string, string>;

  constructor(private readonly options: ClientOptions) {
    const { origin, pathname, username, password } = new URL(options.url);
    this.base = `${origin}${pathname}`.replace(/\/+$/, "");
    this.headers = {
      ...(username + password !== "" && basic(username, password)),
      ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
      ...options.headers,
    };
  }

  get<T>(path: string, query: object = {}, signal?: AbortSignal): Promise<T> {
    return this.ask<T>("GET", path, { query: query as Query, signal });
  }

  /** Items of all pages, in order. */
  async *all<T>(path: string, query: object = {}): AsyncGenerator<T, void, undefined> {
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.get(path, { ...query, ...(cursor !== undefined && { cursor }) });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async ask<T>(method: string, path: string, { query, body, headers, timeoutMs, signal }: Asked = {}): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS);
    const response = await this.fetch(this.urlOf(path, query), {
      method,
      headers: { ...(body && { "content-type": "application/json" }), accept: "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await response.text().catch((error: unknown) => {
      throw this.unreachable(error);
    });
    if (response.status === 204) return undefined as T;
    if (response.ok) return this.read(response.status, text) as T;
    throw this.refused(response.status, text);
  }

  /** Opens a stream. */
  async open(path: string, query: Query, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const accept = { accept: "text/event-stream", ...headers };
    const response = await this.fetch(this.urlOf(path, query), { headers: accept, signal });
    if (!response.ok || !response.body) throw this.refused(response.status, await response.text());
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
    throw this.stranger(response.status);
  }

  urlOf(path: string, query: Query = {}): string {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) if (one !== undefined) given.append(name, String(one));
    const search = given.toString();
    return `${this.base}/api${path}${search && `?${search}`}`;
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await (this.options.fetch ?? fetch)(url, {
        ...init,
        headers: { ...this.headers, ...(init.headers as object) },
      });
    } catch (error) {
      if (init.signal?.aborted && (error as Error).name === "AbortError") throw error;
      throw this.unreachable(error);
    }
  }

  private unreachable(error: unknown): ApiError {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const told = (cause?.message || message).trim().split("\n")[0]!;
    const why = name === "TimeoutError" ? "no answer in time" : (REASONS[cause?.code ?? ""] ?? told);
    return apiError(0, "UNREACHABLE", `No dqueue server answers at ${this.base} (${why}).`, error);
  }

  private read(status: number, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.stranger(status, error);
    }
  }

  private stranger(status: number, cause?: unknown): ApiError {
    return apiError(status, "NO_DQUEUE_SERVER", `What answers at ${this.base} is no dqueue server.`, cause);
  }

  private refused(status: number, text: string): ApiError {
    let problem: Partial<Problem> = {};
    try {
      problem = JSON.parse(text) as Problem;
    } catch {
      // Not JSON: not ours.
    }
    if (typeof problem.code === "string") return new ApiError(problem as Problem);
    return apiError(status, "NO_DQUEUE_SERVER", `${this.base} answered ${status}, and not as a dqueue server does.`);
  }
}
