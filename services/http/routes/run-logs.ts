import type { ServerResponse } from "node:http";
import type { JsonSchema } from "../../../core/json";
import { LOG_KINDS, type NumberedLine, SEARCH_MODES } from "../../../store/queries/log-lines";
import { type ApiRequest, ok, type Route } from "../route";
import { instantOf } from "../run-query";
import { answers } from "./replies";

const ID = { id: "The run's id." };
const PAGE = 1000;
/** All lines of a large run are read. */
const SEARCH_MS = 30_000;

const UNTIL: JsonSchema = {
  type: "string",
  format: "date-time",
  description: "Written by then, inclusive. Without it: by now.",
};

const FILTER: Record<string, JsonSchema> = {
  step: { type: "string", minLength: 1, maxLength: 4000, description: "Of a step, or of all steps of an op." },
  attempt: { type: "integer", minimum: 1 },
  worker: { type: "string", minLength: 1, maxLength: 1000, description: "Of attempts that it performed." },
  kind: {
    type: "array",
    items: { type: "string", enum: [...LOG_KINDS] },
    description: "Repeatable: levels of what ops log, and streams of what they print.",
  },
  until: UNTIL,
};
const AFTER: JsonSchema = { type: "string", maxLength: 100, description: "Lines behind the one with this id." };

const filterOf = ({ params, query }: ApiRequest): object => ({
  run: params.id,
  step: query.step,
  attempt: query.attempt,
  worker: query.worker,
  kinds: query.kind,
  until: instantOf("until", query.until),
});

const linesOf = async (request: ApiRequest, after: unknown, limit: number): Promise<NumberedLine[]> => {
  const asked = { filter: filterOf(request), after: after ?? null, limit };
  return (await request.call<{ items: NumberedLine[] }>("runs.logLines", asked, { timeout: SEARCH_MS })).items;
};

/** Sends all lines of a filter, as fast as they are taken. */
const download = async (request: ApiRequest): Promise<null> => {
  const { response } = request.raw;
  const json = request.query.format === "ndjson";
  // Asked before the head is sent: a run that is not there is told of as everywhere.
  let lines = await linesOf(request, null, PAGE);
  response.writeHead(200, {
    "content-type": json ? "application/x-ndjson" : "text/plain; charset=utf-8",
    "content-disposition": `attachment; filename="${request.params.id}.${json ? "ndjson" : "log"}"`,
    "cache-control": "no-store",
  });
  try {
    while (lines.length > 0 && !response.destroyed) {
      await send(response, lines.map(json ? asJson : asText).join(""));
      lines = lines.length < PAGE ? [] : await linesOf(request, lines.at(-1)!.id, PAGE);
    }
    response.end();
  } catch {
    // A file that breaks off must not look like one that is whole.
    response.destroy();
  }
  return null;
};

const asJson = ({ number: _number, ...line }: NumberedLine): string => `${JSON.stringify(line)}\n`;
const asText = ({ at, step, attempt, stream, level, text }: NumberedLine): string =>
  `${at} ${step}#${attempt} ${stream === "log" ? level : stream} ${text}\n`;

const send = (response: ServerResponse, text: string): Promise<void> | undefined => {
  if (response.write(text)) return;
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
};

/** Lines of a run's logs by number, searched and counted. */
export const RUN_LOG_ROUTES: Route[] = [
  {
    method: "GET",
    path: "/api/runs/:id/logs/search",
    operation: "searchLogs",
    tag: "runs",
    role: "viewer",
    summary: "Counts and searches a run's log lines.",
    description:
      "Tells how many lines a filter shows, where each page of 500 of them begins, which match and where errors are. " +
      "Regular expressions are PostgreSQL's; references back to a group are refused.",
    params: ID,
    query: {
      q: { type: "string", minLength: 1, maxLength: 500, description: "What is looked for." },
      mode: { type: "string", enum: [...SEARCH_MODES], default: "plain" },
      ...FILTER,
      after: AFTER,
    },
    replies: { 200: answers("LogSearch", "What was found.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async (request) => {
      const { q, mode, after = null } = request.query;
      const asked = { filter: filterOf(request), search: { q, mode, after } };
      return ok(await request.call("runs.logSearch", asked, { timeout: SEARCH_MS }));
    },
  },
  {
    method: "GET",
    path: "/api/runs/:id/logs/count",
    operation: "countLogs",
    tag: "runs",
    role: "viewer",
    summary: "Tells how many lines a run has logged.",
    params: ID,
    query: { until: UNTIL },
    replies: { 200: answers("LogCount", "How many there are; of a run that has logged much, at least how many.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, query, call }) =>
      ok(await call("runs.logCount", { run: params.id, until: instantOf("until", query.until) ?? null })),
  },
  {
    method: "GET",
    path: "/api/runs/:id/logs/lines",
    operation: "listLogLines",
    tag: "runs",
    role: "viewer",
    summary: "Lists the log lines of a filter with their numbers.",
    params: ID,
    query: {
      ...FILTER,
      after: AFTER,
      limit: { type: "integer", minimum: 1, maximum: PAGE, default: 500 },
    },
    replies: { 200: answers("LogLines", "The lines.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async (request) => {
      const { after, limit = 500 } = request.query;
      return ok({ items: await linesOf(request, after, limit as number) });
    },
  },
  {
    method: "GET",
    path: "/api/runs/:id/logs/download",
    operation: "downloadLogs",
    tag: "runs",
    role: "viewer",
    summary: "Sends all log lines of a filter as a file.",
    params: ID,
    query: { ...FILTER, format: { type: "string", enum: ["text", "ndjson"], default: "text" } },
    replies: { 200: { description: "The lines.", schema: null, type: "text/plain" } },
    problems: ["RUN_NOT_FOUND"],
    handle: download,
  },
];
