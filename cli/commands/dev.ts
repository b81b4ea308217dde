import { relative } from "node:path";
import type { Page, SensorSummary } from "../../client";
import type { Code } from "../../services/code-location";
import type { Node } from "../../services/compose";
import { readSettings, redacted, ROLES, type Settings } from "../../services/settings";
import { insecurely } from "../../services/sign-in";
import { colours, errorColours, type Palette } from "../colours";
import { printJson, say, tell } from "../print";
import { stoppedSensors } from "../stopped-sensors";

export const dev = async ({ json, insecure }: { json?: true; insecure?: true }): Promise<number> => {
  const settings = insecure ? insecurely(readSettings()) : readSettings();
  const write = json ? tell : say;
  const paint = json ? errorColours : colours;
  const database = settings.databaseUrl ? "the database" : `the database in ${short(settings.home)}`;
  tell(errorColours.dim(`Starting: bundling ${short(settings.jobs)}, opening ${database} …`));
  const [{ compose }, { terminalService }, { serve }] = await loaded();
  const node = await compose(settings, ROLES, { dev: true, logTo: "stderr" });
  node.broker.createService(terminalService(node.broker, write, paint));
  const tellStopped = stopsToTell(node, (line) => write(paint.yellow(line)));
  return serve(node, (url) => {
    const code = node.ground.code!;
    if (json) printJson({ node: node.id, url, code_version: code.code.bundle.version });
    else introduce(url!, settings, code.code);
    for (const problem of code.code.problems) write(paint.yellow(problem));
    void tellStopped();
    code.watch({
      changed: async (changed) => {
        await node.useCode(changed);
        sayChanged(changed, write, paint);
        await tellStopped();
      },
      failed: (error) => write(paint.red(`${(error as Error).message}\nThe last version that worked stays in use.`)),
    });
  });
};

/** Whoever starts it is told so first: these take a second to load. */
const loaded = () =>
  Promise.all([import("../../services/compose.js"), import("../dev-terminal.js"), import("../serve.js")]);

/** Tells of sensors that are STOPPED, of each once: a new one is, and nothing else would say so. */
const stopsToTell = (node: Node, write: (line: string) => void): (() => Promise<void>) => {
  const told = new Set<string>();
  return async () => {
    try {
      const { items } = await node.broker.call<Page<SensorSummary>, object>("sensors.list", { limit: 1_000 });
      const line = stoppedSensors(items.filter(({ name }) => !told.has(name)));
      if (line !== null) write(line);
      for (const { name } of items) told.add(name);
    } catch {
      // It is stopping, or has no database: that is told elsewhere, and this is a hint.
    }
  };
};

const sayChanged = (code: Code, write: (line: string) => void, paint: Palette): void => {
  write(`${paint.cyan("↻")} code changed: version ${code.bundle.version}, ${counted(code)}`);
  for (const problem of code.problems) write(paint.yellow(problem));
};

const introduce = (url: string, { databaseUrl, amqpUrl, home, jobs }: Settings, code: Code): void => {
  const database = databaseUrl
    ? redacted(databaseUrl)
    : `embedded in ${short(home)}: safe against kill -9, not against power loss`;
  const facts = [
    `database  ${database}`,
    ...(amqpUrl ? [`broker    ${redacted(amqpUrl)}`] : []),
    `jobs      ${short(jobs)}: ${counted(code)}`,
    "Ctrl-C stops it; what runs then goes on at the next start.",
  ];
  say([`dqueue is at ${colours.bold(url)}`, ...facts.map((fact) => colours.dim(`  ${fact}`))].join("\n"));
};

const counted = ({ catalog: { jobs, sensors } }: Code): string =>
  `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"}, ${sensors.length} ${sensors.length === 1 ? "sensor" : "sensors"}`;

const short = (path: string): string => {
  const nearby = relative(".", path);
  return nearby.startsWith("..") ? path : `./${nearby}`;
};
