import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { JSON_FLAG, lazily, listOf } from "./command-parts";
import { ASKS, BULK, examples, exitCodes, FOLLOWS, WAITS, WORKS } from "./help";
import { addKeys } from "./keys-program";
import { addShards } from "./shards-program";

const version = (): string =>
  (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const INSECURE_FLAG = ["--insecure", "ask nobody for an API key, wherever the web server listens"] as const;
const CONFIG_FLAG = "-c, --config <json>";
const WAIT_FLAG = "-w, --wait";

const addInit = (program: Command): void => {
  program
    .command("init")
    .description("write a small project: a job, a sensor, a test, a Dockerfile")
    .argument("<folder>", "a new or an empty folder")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue init my-project", "dqueue init ."))
    .action(lazily(() => import("./commands/init.js"), "init"));
};

const addServing = (program: Command): void => {
  program
    .command("dev")
    .description("run everything in this one process: database, bus, web server, daemon and worker")
    .option(...INSECURE_FLAG)
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue dev", "PORT=4000 DQUEUE_JOBS=./my-jobs dqueue dev"))
    .action(lazily(() => import("./commands/dev.js"), "dev"));
  program
    .command("start")
    .description("start a process with the given roles")
    .argument("<role...>", "webserver, daemon, worker")
    .option(...INSECURE_FLAG)
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue start worker", "dqueue start webserver daemon"))
    .action(lazily(() => import("./commands/start.js"), "start"));
};

const addRun = (program: Command): void => {
  program
    .command("run")
    .description("launch a run of a job; prints its id, with --wait the output of its final step")
    .argument("<job>", "name of the job")
    .option(CONFIG_FLAG, "config as JSON, or @file (@- reads stdin)")
    .option("-t, --tag <key=value>", "tag of the run (may be repeated)", collect)
    .option("-p, --priority <number>", "higher goes first; 0 if not given")
    .option("--run-key <key>", "launch once per key")
    .option("--step <op>", "only this op (may be repeated; *op takes what it needs too, op+ what follows it)", collect)
    .option(WAIT_FLAG, "wait for its end; the exit code tells the status")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples(
        WAITS,
        `dqueue run word_count --config '{"folder":"./docs"}' --wait`,
        "dqueue run nightly --config @config.json --tag team=data --json",
        "dqueue run nightly --step '*load'",
        "generate-config | dqueue run nightly --config @- --wait > output.json",
      ),
    )
    .action(lazily(() => import("./commands/run.js"), "run"));
};

const addRuns = (program: Command): void => {
  const runs = program
    .command("runs")
    .description("list, show, cancel, re-execute and delete runs; read their logs")
    .addHelpText(
      "after",
      examples(FOLLOWS, "dqueue runs", "dqueue runs show <run>", "dqueue runs logs <run> --follow"),
    );
  const load = () => import("./commands/runs.js");
  listOf(runs, "newest runs first")
    .option("-s, --status <status>", "only of this status, e.g. FAILURE (may be repeated)", collect)
    .option("-j, --job <job>", "only of this job")
    .option("-t, --tag <key=value>", "only with this tag (may be repeated: with all of them)", collect)
    .option("--filter <query>", "only those of a filter, in the words of the interface's filter bar")
    .option("-n, --limit <number>", "how many, up to 1000", "20")
    .option("--cursor <cursor>", "go on behind a page: its next_cursor as --json shows it")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples(
        ASKS,
        "dqueue runs list --status FAILURE",
        "dqueue runs list --job word_count -n 5 --json",
        "dqueue runs list --filter 'status:failure -job:test_* created:1h'",
      ),
    )
    .action(lazily(load, "list"));
  runs
    .command("show")
    .description("a run, its steps and why they failed")
    .argument("<run>", "id of the run")
    .option("-s, --status <status>", "only steps of this status, e.g. FAILURE (may be repeated)", collect)
    .option("-n, --limit <number>", "how many steps, up to 1000 (--json: all of them)", "100")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue runs show <run>", "dqueue runs show <run> --status FAILURE"))
    .action(lazily(() => import("./commands/show-run.js"), "show"));
  addCancelAndDelete(runs);
  addReexecute(runs);
  runs
    .command("logs")
    .description("what the steps of a run have printed")
    .argument("<run>", "id of the run")
    .option("--step <key>", "only of this step")
    .option("-f, --follow", "go on until the run ends")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples(FOLLOWS, "dqueue runs logs <run> -f", "dqueue runs logs <run> --step 'read_file[3]'"),
    )
    .action(lazily(() => import("./commands/logs.js"), "logs"));
};

const FILTER_FLAG = ["--filter <query>", "all runs of a filter, in its words, instead of one run"] as const;
const YES_FLAG = ["-y, --yes", "with --filter: do not ask for the number of runs"] as const;

const addCancelAndDelete = (runs: Command): void => {
  const load = () => import("./commands/runs.js");
  const add = (name: "cancel" | "delete", about: string, filter: string): void => {
    runs
      .command(name)
      .description(about)
      .argument("[run]", "id of the run")
      .option(...FILTER_FLAG)
      .option(...YES_FLAG)
      .option(...JSON_FLAG)
      .addHelpText(
        "after",
        examples(BULK, `dqueue runs ${name} <run>`, `dqueue runs ${name} --filter '${filter}' --yes`),
      )
      .action(lazily(load, name === "delete" ? "remove" : "cancel"));
  };
  add("cancel", "cancel runs: what has not begun never does, what runs is stopped", "status:queued job:fx_*");
  add("delete", "delete ended runs with their steps, events and logs", "job:fx_test status:failure");
  runs
    .command("bulk")
    .description("how far an action on all runs of a filter is")
    .argument("<id>", "its id, which is the tag dqueue/bulk of runs that it touched")
    .option("--stop", "stop it: what was done stays done")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue runs bulk <id>", "dqueue runs bulk <id> --stop"))
    .action(lazily(() => import("./commands/bulk.js"), "bulk"));
};

const addReexecute = (runs: Command): void => {
  runs
    .command("reexecute")
    .description("run it again: from its failure, from the start, or chosen steps")
    .argument("[run]", "id of the run")
    .option(...FILTER_FLAG)
    .option(...YES_FLAG)
    .option("--from <where>", "failure, start or steps; failure if not given")
    .option("--step <key>", "only this step (may be repeated; key+ takes what follows it too)", collect)
    .option(CONFIG_FLAG, "laid over the run's config, key by key: JSON, or @file (@- reads stdin)")
    .option(WAIT_FLAG, "wait for its end, as `dqueue run --wait` does")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples(
        WAITS,
        "dqueue runs reexecute <run> --wait",
        "dqueue runs reexecute <run> --step 'resize[3]+'",
        `dqueue runs reexecute <run> --from start --config '{"n":3}'`,
        "dqueue runs reexecute --filter 'error:UpstreamError created:1h'",
      ),
    )
    .action(lazily(() => import("./commands/runs.js"), "reexecute"));
};

const addSensors = (program: Command): void => {
  const sensors = program
    .command("sensors")
    .description("list, start, stop and try sensors")
    .addHelpText("after", examples(ASKS, "dqueue sensors", "dqueue sensors test new_files"));
  const load = () => import("./commands/sensors.js");
  listOf(sensors, "all sensors, their status and last tick")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue sensors list --json"))
    .action(lazily(load, "list"));
  const one = (name: "start" | "stop" | "test", about: string): void => {
    sensors
      .command(name)
      .description(about)
      .argument("<sensor>", "name of the sensor")
      .option(...JSON_FLAG)
      .addHelpText("after", examples(ASKS, `dqueue sensors ${name} new_files`))
      .action(lazily(load, name));
  };
  one("start", "switch a sensor on");
  one("stop", "switch a sensor off");
  one("test", "evaluate a sensor once, launching nothing");
};

const addJobs = (program: Command): void => {
  const jobs = program
    .command("jobs")
    .description("list jobs, and show what one consists of and which config it takes")
    .addHelpText("after", examples(ASKS, "dqueue jobs", "dqueue jobs show word_count"));
  const load = () => import("./commands/jobs.js");
  listOf(jobs, "all jobs that can be launched")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue jobs list --json"))
    .action(lazily(load, "list"));
  jobs
    .command("show")
    .description("a job's ops, how they hang together, and its config")
    .argument("<job>", "name of the job")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue jobs show word_count", "dqueue jobs show word_count --json"))
    .action(lazily(load, "show"));
};

const addInsight = (program: Command): void => {
  const load = () => import("./commands/insight.js");
  program
    .command("workers")
    .description("live workers, their slots and what they do; and lost ones")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue workers", "dqueue workers --json"))
    .action(lazily(load, "workers"));
  program
    .command("queues")
    .description("step queues: waiting, running, workers")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue queues", "dqueue queues --json"))
    .action(lazily(load, "queues"));
};

const addOperations = (program: Command): void => {
  program
    .command("repl")
    .description("a prompt among the running processes: Moleculer's commands, and runs, why, actors and more")
    .addHelpText("after", examples(WORKS, "AMQP_URL=amqp://… dqueue repl"))
    .action(lazily(() => import("./commands/repl.js"), "repl"));
  program
    .command("build")
    .description("bundle the code location ahead of a start, e.g. while building an image")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue build", "DQUEUE_JOBS=./my-jobs dqueue build"))
    .action(lazily(() => import("./commands/build.js"), "build"));
  program
    .command("migrate")
    .description("bring the schema of the database up to date")
    .option("--check", "only tell what is missing; exit code 1 if anything is")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue migrate", "dqueue migrate --check"))
    .action(lazily(() => import("./commands/migrate.js"), "migrate"));
  program
    .command("doctor")
    .description("check Node, settings, database, broker, code location and port; says what to do")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(WORKS, "dqueue doctor", "DATABASE_URL=postgres://… AMQP_URL=amqp://… dqueue doctor"))
    .action(lazily(() => import("./commands/doctor.js"), "doctor"));
};

/** It throws where it would exit, and says after a complaint where the right words stand. */
const complete = (command: Command, called: string): void => {
  command.exitOverride().showHelpAfterError(`See \`${called} --help\`.`);
  for (const part of command.commands) complete(part, `${called} ${part.name()}`);
};

/** The command line. It throws CommanderError where it is not understood, what commands throw otherwise. */
export const program = (): Command => {
  const all = new Command("dqueue")
    .description("Jobs as graphs of steps, on one machine or many.")
    .version(version())
    .addHelpText(
      "after",
      `
Commands that ask a server find it by DQUEUE_URL, else by HOST and PORT
(http://127.0.0.1:3000), and show it the API key of DQUEUE_API_KEY.
\`dqueue <command> --help\` shows options and examples.
${exitCodes(WAITS)}`,
    )
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "dqueue: ")) })
    .showSuggestionAfterError()
    .enablePositionalOptions();
  const parts = [
    addInit,
    addServing,
    addJobs,
    addRun,
    addRuns,
    addSensors,
    addInsight,
    addShards,
    addKeys,
    addOperations,
  ];
  for (const add of parts) add(all);
  complete(all, "dqueue");
  return all;
};
