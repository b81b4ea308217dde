import { relative } from "node:path";
import type { Code } from "../../services/code-location";
import { compose } from "../../services/compose";
import { readSettings, redacted, ROLES, type Settings } from "../../services/settings";
import { colours, errorColours } from "../colours";
import { terminalService } from "../dev-terminal";
import { printJson, say, tell } from "../print";
import { serve } from "../serve";

export const dev = async ({ json }: { json?: true }): Promise<number> => {
  const settings = readSettings();
  const write = json ? tell : say;
  const paint = json ? errorColours : colours;
  const node = await compose(settings, ROLES, { dev: true, logTo: "stderr" });
  node.broker.createService(terminalService(node.broker, write, paint));
  return serve(node, (url) => {
    const code = node.ground.code!;
    if (json) printJson({ node: node.id, url, code_version: code.code.bundle.version });
    else introduce(url!, settings, code.code);
    for (const problem of code.code.problems) write(paint.yellow(problem));
    code.watch({
      changed: async (changed) => {
        await node.useCode(changed);
        write(`${paint.cyan("↻")} code changed: version ${changed.bundle.version}, ${counted(changed)}`);
        for (const problem of changed.problems) write(paint.yellow(problem));
      },
      failed: (error) => write(paint.red(`${(error as Error).message}\nThe last version that worked stays in use.`)),
    });
  });
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
