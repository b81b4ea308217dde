import { readSettings, redacted } from "../services/settings";
import { CliError, EXIT } from "./exit";

const ANSWER_TIMEOUT_MS = 30_000;

/** An RFC 9457 problem document as the API sends it. */
interface Problem {
  detail?: string;
  title?: string;
  code?: string;
  errors?: { pointer: string; message: string }[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

type Query = Record<string, string | number | undefined>;

/** The server that the commands ask: DQUEUE_URL, else HOST and PORT. Every failure is a CliError. */
export class Server {
  readonly url: string;

  constructor(url = readSettings().url) {
    this.url = url.replace(/\/$/, "");
  }

  /** Without a password. */
  get #shown(): string {
    return redacted(this.url).replace(/\/$/, "");
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
    return this.#ask<T>("GET", given.size > 0 ? `${path}?${given.toString()}` : path);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#ask<T>("POST", path, body);
  }

  /** Every item of all pages, in order. */
  async *all<T>(path: string, query: Query = {}): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.get(path, { limit: 1_000, ...query, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.url}/api${path}`, {
        method,
        headers: body ? { "content-type": "application/json" } : {},
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    const text = await response.text();
    if (response.ok) return (text === "" ? null : JSON.parse(text)) as T;
    throw this.#refused(response.status, text);
  }

  #unreachable(error: unknown): CliError {
    const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
    const why = cause?.code === "ECONNREFUSED" ? "nothing listens there" : (cause?.message ?? (error as Error).message);
    return new CliError(
      EXIT.unreachable,
      "UNREACHABLE",
      `No dqueue server answers at ${this.#shown} (${why}). Start one with \`dqueue dev\` or ` +
        `\`dqueue start webserver\`, or say with DQUEUE_URL where it is.`,
    );
  }

  #refused(status: number, text: string): CliError {
    const problem = problemOf(text);
    if (!problem?.code) {
      const message = `${this.#shown} answered ${status}, and not as a dqueue server does. Does DQUEUE_URL (or PORT) point to one?`;
      return new CliError(EXIT.unreachable, "NO_DQUEUE_SERVER", message);
    }
    const exitCode =
      status === 503 || status === 504 ? EXIT.unreachable : wrongRequest(status) ? EXIT.usage : EXIT.failure;
    const lines = (problem.errors ?? []).map(({ pointer, message }) => `  ${pointer || "/"}: ${message}`);
    const { detail, title, code, errors } = problem;
    const message = [detail ?? title ?? code, ...lines].join("\n");
    return new CliError(exitCode, code, message, errors ? { errors } : {});
  }
}

const wrongRequest = (status: number): boolean => status >= 400 && status < 500 && status !== 409;

const problemOf = (text: string): Problem | null => {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return null;
  }
};
