import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { EXIT } from "../../cli/exit";
import { freePort } from "../support/free-port";
import { type Workspace, follow, workspace } from "./command";
import { JOBS } from "./jobs";

let place: Workspace;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const COMMANDS = [
  "dev",
  "start",
  "run",
  "runs",
  "sensors",
  "workers",
  "queues",
  "shards",
  "build",
  "migrate",
  "doctor",
];

describe("the dqueue command", () => {
  test("says what it can do, within the blink of an eye", async () => {
    const { code, stdout } = await place.run("--help");
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(stdout).toContain("Exit codes:");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("every command's --help has examples and exit codes, in 80 columns", async () => {
    const groups = {
      runs: ["list", "show", "cancel", "delete", "bulk", "reexecute", "logs"],
      sensors: ["list", "start", "stop", "test"],
      shards: ["list", "hand-over"],
    };
    const single = COMMANDS.filter((name) => !(name in groups)).map((name) => [name]);
    const grouped = Object.entries(groups).flatMap(([group, names]) => names.map((name) => [group, name]));
    for (const words of [...single, ...grouped]) {
      const { code, stdout } = await place.run(...words, "--help");
      expect(code).toBe(0);
      for (const part of ["Examples:", "Exit codes:\n  0 ", "--json"]) expect(stdout).toContain(part);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  test("the README tells every exit code", () => {
    const readme = readFileSync(resolve(__dirname, "../../README.md"), "utf8");
    for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`^\\| \`${code}\` +\\|`, "m"));
  });

  test("an unknown command or option is wrong usage, with a suggestion", async () => {
    const unknown = await place.run("worker");
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("Did you mean workers?");
    expect((await place.run("runs", "show")).stderr).toMatch(/argument 'run'\nSee `dqueue runs show --help`\.\n$/);
    expect((await place.run("runs", "--statsu")).code).toBe(2);
    expect((await place.run("start", "cook")).stderr).toContain(
      '"cook" is no role. Roles are webserver, daemon, worker.',
    );
  });

  test("a wrong setting stops it with one line and no stack", async () => {
    place.env.DQUEUE_QUEUE = "x";
    const { code, stderr } = await place.run("dev");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^dqueue: DQUEUE_QUEUE \(in the environment\) is not a setting[^\n]*\n$/);
  });

  test("start with only some of the roles refuses without a shared database and broker", async () => {
    const { code, stderr } = await place.run("start", "worker");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^dqueue: Starting only worker needs DATABASE_URL and AMQP_URL/);
  });

  test("what a start needs of this machine is checked first, all at once: no server is asked", async () => {
    const port = String(await freePort());
    Object.assign(place.env, { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none`, PORT: port });
    Object.assign(place.env, { HOST: "not-an-address", DQUEUE_HOME: "./file" });
    place.write("file", "");
    place.write(
      "old.cjs",
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } });',
    );
    place.env.NODE_OPTIONS = "--require ./old.cjs";
    const { code, stderr } = await place.run("dev");
    expect(code).toBe(1);
    const [starting, node, host, jobs, home, ...rest] = stderr.split("\n");
    expect(starting).toMatch(/^Starting: /);
    expect(node).toBe("dqueue: Node 18.20.8 is not supported. Install Node 20.19, 22.12, 24 or newer.");
    expect(host).toMatch(/^HOST is "not-an-address": .* Set HOST to an address of this machine/);
    expect(jobs).toMatch(/^The code location .*jobs does not exist\. Set DQUEUE_JOBS/);
    expect(home).toMatch(/^DQUEUE_HOME is ".*file": it must be a folder/);
    expect(rest).toEqual([""]);
  });

  test("an address that this machine does not have is the fault of HOST, not of PORT", async () => {
    // Of the block that is for documents alone.
    Object.assign(place.env, { HOST: "192.0.2.7", PORT: "0" });
    place.write("jobs/index.ts", JOBS);
    const { code, stderr } = await place.run("dev");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^Starting: [^\n]*\ndqueue: HOST is "192\.0\.2\.7": [^\n]*this machine does not have that address[^\n]*\n$/,
    );
    expect(stderr).not.toContain("PORT");
  });

  test("moleculer-runner is refused by the same line, once", async () => {
    const runner = resolve(__dirname, "../../node_modules/moleculer/bin/moleculer-runner.js");
    const args = [runner, "--config", resolve(__dirname, "../../dist/moleculer.config.js")];
    const env = { ...place.env, HOST: "192.0.2.7", DQUEUE_ROLES: "webserver,daemon,worker" };
    place.write("jobs/index.ts", JOBS);
    const { code, stdout, stderr } = await follow(spawn(process.execPath, args, { cwd: place.folder, env })).ended();
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^dqueue: HOST is "192\.0\.2\.7"[^\n]*\n$/);
  });

  test("with --json an error is the one document on stdout", async () => {
    const { code, stdout } = await place.run("start", "worker", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "SETTING_MISSING" } });
    const { error } = JSON.parse((await place.run("nope", "--json")).stdout) as { error: object };
    expect(error).toEqual({ code: "USAGE", message: expect.stringMatching(/^unknown command 'nope'/) });
  });

  test("a config that is no JSON object is refused before anything is asked", async () => {
    for (const config of ["{", "[1]", "@nowhere.json"]) {
      const { code, stderr } = await place.run("run", "word_count", "--config", config);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^dqueue: .*onfig/);
    }
    expect((await place.run("run", "x", "--tag", "novalue")).stderr).toContain("--tag must be key=value");
  });

  test("without a server it says what to start, with an exit code of its own", async () => {
    place.env.PORT = String(await freePort());
    for (const args of [
      ["run", "word_count", "--wait"],
      ["runs"],
      ["sensors"],
      ["workers"],
      ["queues"],
      ["shards"],
      ["shards", "hand-over", "3"],
    ]) {
      const { code, stderr, stdout } = await place.run(...args);
      expect(code).toBe(4);
      expect(stdout).toBe("");
      expect(stderr).toMatch(
        /^dqueue: No dqueue server answers at http:\/\/127\.0\.0\.1:\d+ \(nothing listens there\)\./,
      );
      expect(stderr).toContain("Start one with `dqueue dev`");
    }
  });

  describe("at a server that is not dqueue's", () => {
    let server: Server;
    beforeEach(async () => {
      server = createServer((_, response) => response.writeHead(404).end("<html>nothing here</html>"));
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      place.env.DQUEUE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => void server.close());

    test("it says so", async () => {
      const { code, stderr } = await place.run("runs");
      expect(code).toBe(4);
      expect(stderr).toContain("answered 404, and not as a dqueue server does");
    });
  });
});

describe("what needs no server", () => {
  test("build bundles the code location and names its version", async () => {
    place.write("jobs/a.ts", "export const a: number = 1;\n");
    const first = await place.run("build", "--json");
    const { code_version, sources } = JSON.parse(first.stdout) as { code_version: string; sources: number };
    expect(code_version).toMatch(/^[0-9a-f]{16}$/);
    expect(sources).toBe(1);
    expect((await place.run("build")).stdout).toContain(`as version ${code_version}`);
  });

  test("build shows where the code is broken, without a stack", async () => {
    place.write("jobs/a.ts", "export const a = ;\n");
    const { code, stderr } = await place.run("build");
    expect(code).toBe(1);
    expect(stderr).toContain("a.ts:1:18");
    expect(stderr).not.toContain("    at ");
  });

  test("doctor says what to do once, in the finding or beside it", async () => {
    const code = async (jobs: string) => {
      place.env.DQUEUE_JOBS = jobs;
      const { findings } = JSON.parse((await place.run("doctor", "--json")).stdout) as {
        findings: { check: string }[];
      };
      return findings.find(({ check }) => check === "code");
    };
    const missing = expect.stringMatching(/does not exist\. Set DQUEUE_JOBS to [^.]*\.$/);
    expect(await code("./nowhere")).toEqual({ check: "code", state: "problem", text: missing });
    place.write(
      "twice/a.ts",
      `import { job, op } from "dqueue";
      const x = op({ name: "x", run: () => 1 });
      export const ok = job("ok", (g) => { g.call(x); });
      export const a = job("a", (g) => { g.call(x); });
      export const b = job("a", (g) => { g.call(x); });`,
    );
    expect(await code("./twice")).toEqual({
      check: "code",
      state: "warning",
      text: expect.stringMatching(/1 job, 0 sensors, version \w+$/),
      todo: 'Two jobs have the name "a". Rename one of them.',
    });
    delete place.env.DQUEUE_JOBS;
  });

  test("migrate finds the schema of a new embedded database up to date", async () => {
    expect((await place.run("migrate")).stdout).toBe("The schema is up to date.\n");
    expect((await place.run("migrate", "--check")).code).toBe(0);
  });
});
