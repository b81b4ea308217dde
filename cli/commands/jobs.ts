import type { Command } from "commander";
import type { GraphNode, Job, JobSummary } from "../../client";
import { colours } from "../colours";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { inOneLine, printJson, say } from "../print";
import { type Column, printTable } from "../table";
import { refuseWords } from "../words";

interface Flags {
  json?: true;
}

const COLUMNS: Column<JobSummary>[] = [
  { title: "JOB", text: ({ name }) => inOneLine(name), flexible: true },
  { title: "OPS", text: ({ nodes }) => String(nodes), right: true },
  { title: "SENSORS", text: ({ sensors }) => sensors.join(","), flexible: true, optional: true },
  { title: "DESCRIPTION", text: ({ description }) => inOneLine(description ?? ""), flexible: true, optional: true },
];

export const list = async (words: string[], { json }: Flags, command: Command): Promise<number> => {
  refuseWords(words, command);
  const items: JobSummary[] = [];
  for await (const job of connect().jobs.all()) items.push(job);
  if (json) printJson({ items });
  else if (items.length === 0)
    say("There are no jobs: the code location exports none, or no daemon or worker has published it yet.");
  else printTable(COLUMNS, items);
  return EXIT.ok;
};

const NODE_COLUMNS: Column<GraphNode>[] = [
  { title: "OP", text: ({ name }) => name, flexible: true },
  {
    title: "RUNS",
    text: ({ scope }) => (scope.length > 0 ? `per item of ${scope.join(", ")}` : "once"),
    flexible: true,
  },
  { title: "INPUTS FROM", text: sourcesOf, flexible: true },
  { title: "QUEUE", text: ({ queue }) => queue },
];

export const show = async (name: string, { json }: Flags): Promise<number> => {
  const job = await connect().jobs.get(name);
  if (json) printJson(job);
  else sayJob(job);
  return EXIT.ok;
};

const sayJob = (job: Job): void => {
  const { name, description, config_schema, default_config, sensors, graph, code_version } = job;
  say(colours.bold(name));
  if (description) say(inOneLine(description));
  const facts = [`code ${code_version}`, sensors.length > 0 && `launched by ${sensors.join(", ")}`];
  say(colours.dim(facts.filter(Boolean).join(" · ")));
  say("");
  printTable(NODE_COLUMNS, graph.nodes);
  const fields = fieldsOf(config_schema, default_config ?? {});
  if (fields.length === 0) return;
  say("");
  printTable(FIELD_COLUMNS, fields);
};

function sourcesOf({ inputs, after }: GraphNode): string {
  const sources = inputs.flatMap((input) =>
    input.sources.map(({ node, collect }) => (collect ? `all of ${node}` : node)),
  );
  return [...new Set([...sources, ...after])].join(", ");
}

interface Field {
  name: string;
  type: string;
  value: string;
}

const FIELD_COLUMNS: Column<Field>[] = [
  { title: "CONFIG", text: ({ name }) => name },
  { title: "TYPE", text: ({ type }) => type, flexible: true },
  { title: "WITHOUT IT", text: ({ value }) => value, flexible: true },
];

/** The fields of a job's config, as far as a table can tell; --json has the whole schema. */
const fieldsOf = (schema: Job["config_schema"], defaults: Record<string, unknown>): Field[] => {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Shape>; required?: string[] };
  return Object.entries(properties).map(([name, shape]) => {
    const value = defaults[name] ?? shape.default;
    const missing = required.includes(name) ? "required" : "";
    return { name, type: typeOf(shape), value: value === undefined ? missing : JSON.stringify(value) };
  });
};

interface Shape {
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
}

const typeOf = ({ type, enum: values }: Shape): string =>
  values ? values.map((value) => JSON.stringify(value)).join(" | ") : [type ?? "any"].flat().join(" | ");
