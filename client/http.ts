import { ApiError, apiError } from "./api-error";
import type { Page, Problem } from "./types";

export interface ClientOptions {
  /** Of the server, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** Sent with each request, e.g. an Authorization. */
  headers?: Record<string, string>;
  /** Milliseconds until an answer must have come; 30,000. Streams have no such limit. */
  timeoutMs?: number;
}

export type Query = Record<string, string | number | readonly string[] | undefined>;

interface Asked {
  query?: Query;
  body?: object;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Requests as JSON; every failure is an ApiError. */
export class Http {
  private readonly base: string;

  constructor(private readonly options: ClientOptions) {
    this.base = options.url.replace(/\/+$/, "");
  }

  get<T>(path: string, query: object = {}): Promise<T> {
    return this.ask<T>("GET", path, { query: query as Query });
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

  async ask<T>(method: string, path: string, { query, body, headers, timeoutMs }: Asked = {}): Promise<T> {
    const response = await this.fetch(this.urlOf(path, query), {
      method,
      headers: { ...(body && { "content-type": "application/json" }), accept: "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS),
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
    if (response.ok && response.body) return response;
    throw this.refused(response.status, await response.text());
  }

  private urlOf(path: string, query: Query = {}): string {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) if (one !== undefined) given.append(name, String(one));
    const search = given.toString();
    return `${this.base}/api${path}${search && `?${search}`}`;
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...init, headers: { ...this.options.headers, ...(init.headers as object) } });
    } catch (error) {
      if (init.signal?.aborted && (error as Error).name === "AbortError") throw error;
      throw this.unreachable(error);
    }
  }

  private unreachable(error: unknown): ApiError {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const why = name === "TimeoutError" ? "no answer in time" : (cause?.code ?? cause?.message ?? message);
    return apiError(0, "UNREACHABLE", `No dqueue server answers at ${this.base} (${why}).`, error);
  }

  private read(status: number, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw apiError(status, "NO_DQUEUE_SERVER", `What answers at ${this.base} is no dqueue server.`, error);
    }
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
