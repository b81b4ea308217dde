import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { commandOp, dynamic, executeInProcess, job, op, z } from "../../sdk";

let folder: string;
const written: string[] = [];
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "dqueue-command-"))));
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  written.length = 0;
  const keep = (text: unknown): boolean => (written.push(String(text)), true);
  jest.spyOn(process.stdout, "write").mockImplementation(keep);
  jest.spyOn(process.stderr, "write").mockImplementation(keep);
});
afterEach(() => jest.restoreAllMocks());

const sh = (script: string, more: object = {}) =>
  commandOp({ name: "sh", command: ["/bin/sh", "-c", script], ...more } as never) as any;
const run1 = (definition: any, options = {}) =>
  executeInProcess(
    job("demo", (g) => void g.call(definition)),
    options,
  );
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie answers too, until its new parent has buried it.
    return !/\) Z /.test(require("node:fs").readFileSync(`/proc/${pid}/stat`, "utf8")); // eslint-disable-line @typescript-eslint/no-require-imports
  } catch {
    return false;
  }
};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

test("a program gets its input on stdin and its config in the environment, and tells its output on descriptor 3", async () => {
  const python = `
import json, os, sys
value = json.load(sys.stdin)
config = json.loads(os.environ["DQUEUE_CONFIG"])
out = os.fdopen(int(os.environ["DQUEUE_MESSAGES_FD"]), "w")
print("working on", value)
print("careful", file=sys.stderr)
for message in ({"log": "half", "level": "warn"}, {"progress": 0.5, "message": "half"}, {"output": {"sum": sum(value) * config["factor"], "step": os.environ["DQUEUE_STEP_KEY"]}}):
    out.write(json.dumps(message) + "\\n")
`;
  const numbers = op({ name: "numbers", run: () => [1, 2, 3] });
  const add = commandOp({
    name: "add",
    command: ["python3", "-c", python],
    config: z.object({ factor: z.number() }),
    in: z.array(z.number()),
    out: z.object({ sum: z.number(), step: z.string() }),
  });
  const run = await executeInProcess(
    job("demo", (g) => void g.call(add, g.call(numbers))),
    { config: { factor: 10 } },
  );
  expect(run.error).toBeNull();
  expect(run.output("add")).toEqual({ sum: 60, step: "add" });
  expect(run.logs).toContainEqual({ step: "add", level: "warn", text: "half" });
  expect(run.events.find((event) => event.type === "STEP_PROGRESS")!.data).toEqual({ fraction: 0.5, message: "half" });
  expect(written.sort()).toEqual(["careful\n", "working on [1, 2, 3]\n"]);
});

test("a program may be a generator", async () => {
  const items = sh(`i=0; while [ $i -lt 500 ]; do echo '{"item":{"key":"k'$i'","value":'$i'}}' >&3; i=$((i+1)); done`, {
    out: dynamic(z.number()),
  });
  expect((await run1(items)).output("sh")).toEqual([...Array(500).keys()]);
});

test("an exit code other than 0 fails the step with the code and the last lines of stderr", async () => {
  const run = await run1(sh("echo one >&2; echo 'two é' >&2; exit 3"));
  expect(run.steps.sh!.error).toMatchObject({
    name: "Failure",
    message: expect.stringMatching(/exited with code 3: two é$/),
    metadata: { exit_code: 3, signal: null, stderr: ["one", "two é"] },
  });
  expect((await run1(sh("kill -9 $$"))).steps.sh!.error!.message).toMatch(/ended by SIGKILL/);
});

test("a program that says why it failed, and whether to retry, is believed", async () => {
  const run = await run1(
    sh(`echo '{"failure":{"message":"bad row","metadata":{"row":7},"retryable":false}}' >&3; exit 1`, {
      retry: { maxRetries: 3 },
    }),
  );
  expect(run.steps.sh).toMatchObject({ attempts: 1, error: { message: "bad row", metadata: { row: 7 } } });
});

test("a program that cannot be started, or speaks nonsense, fails clearly", async () => {
  const missing = commandOp({ name: "missing", command: ["/nowhere/program"] });
  expect((await run1(missing)).steps.missing!.error!.message).toMatch(
    /\/nowhere\/program could not be started.*ENOENT/,
  );
  expect((await run1(sh("echo nonsense >&3; sleep 60"))).steps.sh!.error!.message).toMatch(
    /descriptor 3 is not JSON: nonsense/,
  );
  expect((await run1(sh("echo '{\"outptu\":1}' >&3"))).steps.sh!.error!.message).toMatch(/has none of output/);
  expect((await run1(sh("true", { out: z.number() }))).steps.sh!.error).toMatchObject({ code: "INVALID_OUTPUT" });
});

test("a program that does not read its input, and one without output, are fine", async () => {
  const big = op({ name: "big", run: () => "x".repeat(1_000_000) });
  const deaf = commandOp({ name: "deaf", command: ["/bin/sh", "-c", "exec 0<&-; true"], in: z.string() });
  const run = await executeInProcess(job("demo", (g) => void g.call(deaf, g.call(big))));
  expect([run.status, run.output("deaf")]).toEqual(["SUCCESS", null]);
});

test("a timeout ends the program with everything that it started", async () => {
  const pids = join(folder, "pids");
  const run = await run1(sh(`sleep 600 & echo $! > ${pids}; echo $$ >> ${pids}; wait`, { timeoutMs: 300 }));
  expect(run.steps.sh!.error).toMatchObject({ code: "TIMEOUT" });
  const [child, parent] = (await readFile(pids, "utf8")).trim().split("\n").map(Number);
  await until(() => !alive(child!) && !alive(parent!));
});

test("what a program leaves running behind it is killed, and does not hold up the step", async () => {
  const pids = join(folder, "left");
  const run = await run1(sh(`sleep 600 & echo $! > ${pids}; echo '{"output":1}' >&3`));
  expect(run.output("sh")).toBe(1);
  const left = Number(await readFile(pids, "utf8"));
  await until(() => !alive(left));
});

test("a step process that is killed takes its programs with it", async () => {
  const pids = join(folder, "orphans");
  const script = `
    require("@swc/core");
    const { transformSync } = require("@swc/core");
    require("module").prototype.constructor._extensions[".ts"] = (m, f) => m._compile(transformSync(require("fs").readFileSync(f, "utf8"), { filename: f, jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } }).code, f);
    const { commandOp, executeInProcess, job } = require(${JSON.stringify(join(__dirname, "../../sdk/index.ts"))});
    const op = commandOp({ name: "long", command: ["/bin/sh", "-c", "sleep 600 & echo $! > ${pids}.part; echo $$ >> ${pids}.part; mv ${pids}.part ${pids}; wait"] });
    executeInProcess(job("demo", (g) => void g.call(op)));
  `;
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore", cwd: join(__dirname, "../..") });
  await until(() => existsSync(pids));
  child.kill("SIGKILL");
  await once(child, "exit");
  const orphans = (await readFile(pids, "utf8")).trim().split("\n").map(Number);
  expect(orphans).toHaveLength(2);
  await until(() => orphans.every((pid) => !alive(pid)));
});
