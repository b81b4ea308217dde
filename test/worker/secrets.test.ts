import { type Worker, endOf, jobOf, startWorker } from "./workbench";

const SECRET = "planted-value & more";
const LINES = "-----BEGIN KEY-----\nplanted-line\n-----END KEY-----";
const CONFIG = `config: z.object({ token: z.string() })`;
const OPS = [
  `op({ name: "logs", ${CONFIG}, run: ({ config: { token }, log }) => {
     log("a " + token, { token });
     console.log({ token });
     console.error(token);
     process.stdout.write("cut " + token.slice(0, 5)); process.stdout.write(token.slice(5)); process.stdout.write(" in two\\n");
     console.log("x".repeat(15_995) + token + "y".repeat(20_000));
     log("x".repeat(15_995) + token);
     console.log(process.env.DQUEUE_SECRET_LINES);
     process.stdout.write(token);
   } })`,
  `op({ name: "native", ${CONFIG}, run: ({ config: { token } }) => {
     execFileSync("sh", ["-c", 'printf "%s" "$1" | cut -c1-7 | tr -d "\\\\n"; sleep 0.05; printf "%s\\n" "$1" | cut -c8-', "sh", token], { stdio: "inherit" });
   } })`,
  `commandOp({ name: "program", ${CONFIG}, command: ["sh", "-c", 'printf "%s\\n" "$DQUEUE_CONFIG"; echo "$DQUEUE_CONFIG" >&2; exit 3'] })`,
  `op({ name: "killed", ${CONFIG}, run: ({ config: { token } }) => { process.stdout.write(token); process.kill(process.pid, "SIGKILL"); } })`,
  `op({ name: "strays", ${CONFIG}, run: ({ config: { token } }) => new Promise(() => setTimeout(() => { throw new Error(token); }, 5)) })`,
  `op({ name: "says", run: () => { console.log(process.env.DATABASE_URL); } })`,
];
const CODE = jobOf(...OPS).replace(
  "const value =",
  `import { execFileSync } from "node:child_process";
   import { commandOp } from "dqueue";
   console.log("while loading: " + process.env.DQUEUE_SECRET_TOKEN);
   const value =`,
);
const config = { token: { $secret: "env:DQUEUE_SECRET_TOKEN" } };

let worker: Worker;
beforeAll(async () => {
  const env = {
    ...process.env,
    DQUEUE_SECRET_TOKEN: SECRET,
    DQUEUE_SECRET_LINES: LINES,
    DATABASE_URL: "postgres://me:pass%20word@db/jobs",
  };
  worker = await startWorker({ "index.ts": CODE }, { env });
  worker.pool.start();
});
afterAll(() => worker.stop());

const perform = async (op: string) => {
  const step = worker.action(op, { config });
  await worker.executor.deliver([step], { redelivered: false });
  return { texts: worker.lines(step.step).map(({ text }) => text), end: endOf(worker.reports, step) };
};

test("a secret is masked in every line: of ctx.log, of the console, cut in two by writes, and of several lines", async () => {
  const { texts } = await perform("logs");
  expect(texts.slice(0, 4)).toEqual(['a *** {"token":"***"}', "{ token: '***' }", "***", "cut *** in two"]);
  expect(texts.slice(4).join("")).toContain(`${"x".repeat(15_995)}***${"y".repeat(20_000)}`);
  expect(texts.slice(-4)).toEqual(["***", "***", "***", "***"]);
});

test("what a program writes on the step process's own descriptors is masked, also where it comes in two pieces", async () => {
  expect((await perform("native")).texts).toEqual(["***"]);
});

test("a program is given the secret in its config, and its output and its failure are masked", async () => {
  const { texts, end } = await perform("program");
  expect(texts.sort()).toEqual(['{"token":"***"}', '{"token":"***"}']);
  expect(end).toMatchObject({ type: "failed", error: { metadata: { exit_code: 3, stderr: ['{"token":"***"}'] } } });
});

test("the last words of a step process that is killed are masked", async () => {
  const { texts, end } = await perform("killed");
  expect([texts, end.type]).toEqual([["***"], "lost"]);
});

test("an error that escapes from a step's code is masked", async () => {
  expect((await perform("strays")).end).toMatchObject({ type: "failed", error: { message: "***" } });
});

test("the password of a setting is masked too", async () => {
  expect((await perform("says")).texts).toEqual(["postgres://me:***@db/jobs"]);
});

test("nothing that a worker reports, warns of or prints holds a secret", () => {
  expect(worker.output.join("")).toContain("while loading: ***");
  const told = JSON.stringify([worker.reports, worker.warnings, worker.output]);
  expect(told).not.toMatch(/planted|pass%20word|pass word/);
});
