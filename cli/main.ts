#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { asCliError, type CliError, EXIT, EXIT_CODES_HELP } from "./exit";
import { endSilentlyOnBrokenPipe, printJson, tell } from "./print";

/** What each command's module exports per command: it resolves with the exit code. Modules are loaded when called. */
type Act = (...given: never[]) => Promise<number>;

const lazily =
  <Name extends string>(load: () => Promise<Record<Name, Act>>, name: Name) =>
  async (...given: unknown[]): Promise<void> => {
    const act = (await load())[name] as (...args: unknown[]) => Promise<number>;
    process.exitCode = await act(...given);
  };

const version = (): string =>
  (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;

const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;

const collect = (value: string, before: string[]): string[] => [...before, value];

const JSON_FLAG = ["--json", "print exactly one JSON document on stdout"] as const;

const program = new Command("dqueue")
  .description("Jobs as graphs of steps, on one machine or many.")
  .version(version())
  .addHelpText("after", `\n${EXIT_CODES_HELP}`)
  .showSuggestionAfterError()
  .enablePositionalOptions();

const addServing = (): void => {
  program
    .command("dev")
    .description("run everything in this one process: database, bus, web server, daemon and worker")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue dev", "PORT=4000 DQUEUE_JOBS=./my-jobs dqueue dev"))
    .action(lazily(() => import("./commands/dev.js"), "dev"));
  program
    .command("start")
    .description("start a process with the given roles")
    .argument("<role...>", "webserver, daemon, worker")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue start worker", "dqueue start webserver daemon"))
    .action(lazily(() => import("./commands/start.js"), "start"));
};

const addRun = (): void => {
  program
    .command("run")
    .description("launch a run of a job")
    .argument("<job>", "name of the job")
    .option("-c, --config <json>", "config as JSON, or @file (@- reads stdin)")
    .option("-t, --tag <key=value>", "tag of the run (may be repeated)", collect, [])
    .option("-p, --priority <number>", "higher goes first (default 0)")
    .option("--run-key <key>", "launch once per key")
    .option("-w, --wait", "wait for its end; prints the output of the final step; the exit code tells the status")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      `${examples(
        `dqueue run word_count --config '{"folder":"./docs"}' --wait`,
        "dqueue run nightly --config @config.json --tag team=data --json",
      )}\n\n${EXIT_CODES_HELP}`,
    )
    .action(lazily(() => import("./commands/run.js"), "run"));
};

const addRuns = (): void => {
  const runs = program.command("runs").description("list, show, cancel and re-execute runs; read their logs");
  const load = () => import("./commands/runs.js");
  runs
    .command("list", { isDefault: true })
    .description("newest runs first")
    .option("-s, --status <status>", "only of this status, e.g. FAILURE")
    .option("-j, --job <job>", "only of this job")
    .option("-t, --tag <key:value>", "only with this tag")
    .option("-n, --limit <number>", "how many", "20")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples("dqueue runs list --status FAILURE", "dqueue runs list --job word_count -n 5 --json"),
    )
    .action(lazily(load, "list"));
  runs
    .command("show")
    .description("a run and its steps")
    .argument("<run>", "id of the run")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue runs show 01912d68-783e-7a03-8467-5661c1243ad4"))
    .action(lazily(load, "show"));
  runs
    .command("cancel")
    .description("cancel a run")
    .argument("<run>", "id of the run")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue runs cancel 01912d68-783e-7a03-8467-5661c1243ad4"))
    .action(lazily(load, "cancel"));
  runs
    .command("reexecute")
    .description("run it again: from its failure (default), from the start, or chosen steps")
    .argument("<run>", "id of the run")
    .option("--from <where>", "failure or start", "failure")
    .option("--step <key>", "only this step (may be repeated; `key+` takes those after it too)", collect, [])
    .option("-c, --config <json>", "another config as JSON, or @file")
    .option("-w, --wait", "wait for its end, as `dqueue run --wait` does")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples("dqueue runs reexecute <run> --wait", "dqueue runs reexecute <run> --step 'resize[3]+'"),
    )
    .action(lazily(load, "reexecute"));
  runs
    .command("logs")
    .description("what the steps of a run have printed")
    .argument("<run>", "id of the run")
    .option("--step <key>", "only of this step")
    .option("-f, --follow", "go on until the run ends")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue runs logs <run> -f", "dqueue runs logs <run> --step 'read_file[3]'"))
    .action(lazily(load, "logs"));
};

const addSensors = (): void => {
  const sensors = program.command("sensors").description("list, start, stop and try sensors");
  const load = () => import("./commands/sensors.js");
  sensors
    .command("list", { isDefault: true })
    .description("all sensors, their status and last tick")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue sensors list --json"))
    .action(lazily(load, "list"));
  const one = (name: "start" | "stop" | "test", about: string): void => {
    sensors
      .command(name)
      .description(about)
      .argument("<sensor>", "name of the sensor")
      .option(...JSON_FLAG)
      .addHelpText("after", examples(`dqueue sensors ${name} new_files`))
      .action(lazily(load, name));
  };
  one("start", "switch a sensor on");
  one("stop", "switch a sensor off");
  one("test", "evaluate a sensor once, launching nothing");
};

const addInsight = (): void => {
  const load = () => import("./commands/insight.js");
  program
    .command("workers")
    .description("live workers, their slots and what they do")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue workers --json"))
    .action(lazily(load, "workers"));
  program
    .command("queues")
    .description("step queues: waiting, running, workers")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue queues"))
    .action(lazily(load, "queues"));
};

const addOperations = (): void => {
  program
    .command("build")
    .description("bundle the code location ahead of a start, e.g. while building an image")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue build", "DQUEUE_JOBS=./my-jobs dqueue build"))
    .action(lazily(() => import("./commands/build.js"), "build"));
  program
    .command("migrate")
    .description("bring the schema of the database up to date")
    .option("--check", "only tell what is missing; exit code 1 if anything is")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue migrate", "dqueue migrate --check"))
    .action(lazily(() => import("./commands/migrate.js"), "migrate"));
  program
    .command("doctor")
    .description("check Node, settings, database, broker, code location and port; says what to do")
    .option(...JSON_FLAG)
    .addHelpText("after", examples("dqueue doctor", "DATABASE_URL=postgres://… AMQP_URL=amqp://… dqueue doctor"))
    .action(lazily(() => import("./commands/doctor.js"), "doctor"));
};

/** With --json an error is the one document on stdout; people read it on stderr either way. */
const report = (error: CliError): number => {
  if (process.argv.includes("--json")) {
    printJson({ error: { code: error.code, message: error.message, ...error.details } });
  }
  tell(`dqueue: ${error.message}`);
  return error.exitCode;
};

const failed = (error: unknown): number => {
  if (!(error instanceof CommanderError)) return report(asCliError(error));
  // Commander has printed its help or its complaint itself.
  if (error.exitCode === 0) return EXIT.ok;
  if (process.argv.includes("--json")) printJson({ error: { code: "USAGE", message: error.message } });
  return EXIT.usage;
};

const exitOverrideAll = (command: Command): void => {
  command.exitOverride();
  command.commands.forEach(exitOverrideAll);
};

const main = async (): Promise<void> => {
  endSilentlyOnBrokenPipe();
  for (const add of [addServing, addRun, addRuns, addSensors, addInsight, addOperations]) add();
  exitOverrideAll(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = failed(error);
  }
  // Idle keep-alive connections must not hold the prompt back.
  process.stdout.write("", () => process.exit());
};

void main();
