import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { freePort } from "../support/free-port";
import { Link } from "../support/link";
import { type Running, type Workspace, MAIN, workspace } from "./command";
import { JOBS } from "./jobs";

const README = resolve(__dirname, "../../README.md");

let place: Workspace;
let dev: Running;

beforeAll(async () => {
  place = workspace({ PORT: String(await freePort()), DQUEUE_PROCESSES: "2" });
  place.write("jobs/jobs.ts", JOBS);
  dev = place.start("dev");
  await dev.printed(/dqueue is at http:\S+/);
});
afterAll(() => place.remove());

const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await place.run(...args, "--json")).stdout) as T;
interface Run {
  id: string;
  status: string;
  steps_succeeded: number;
}

describe("dqueue dev", () => {
  test("says where it is and how safe the embedded database is", () => {
    expect(dev.text()).toContain(`http://127.0.0.1:${place.env.PORT}`);
    expect(dev.text()).toContain("embedded in ./.dqueue: safe against kill -9, not against power loss");
    expect(dev.text()).toContain("3 jobs, 2 sensors");
  });

  test("says at once what takes a while, before anything else", () => {
    expect(dev.text()).toMatch(/^Starting: bundling \.\/jobs, opening the database in \.\/\.dqueue …\n/);
  });

  test("says which sensors are stopped and what starts one, as the list of them does", async () => {
    const hint = "Sensor asleep is STOPPED: `dqueue sensors start asleep` starts it.\n";
    await dev.printed(/is STOPPED.*\n/);
    expect(dev.text()).toContain(hint);
    expect((await place.run("sensors")).stderr).toBe(hint);
  });

  test("launches what its sensors ask for, with a line for the tick and a line for the run's end", async () => {
    await dev.printed(/→ once launched a run/);
    await dev.printed(/✓ doubles SUCCESS 4\/4 steps/);
  });

  test("refuses a second one on the same port and home, a line for each", async () => {
    const { code, stderr } = await place.run("dev");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Starting: [^\n]*\ndqueue: [^\n]*another process listens there[^\n]*\n[^\n]*\.dqueue is in use[^\n]*\n$/,
    );
  });

  test("refuses a port that is taken, in one line, and lets go of its home", async () => {
    place.env.DQUEUE_HOME = "./other";
    const { code, stderr } = await place.run("dev");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Starting: [^\n]*\ndqueue: The web server cannot listen on 127\.0\.0\.1:\d+: another process[^\n]+\n$/,
    );
    expect((await place.run("migrate")).code).toBe(0);
    delete place.env.DQUEUE_HOME;
  });

  test("a new job is picked up (the README's), and a broken one leaves the last that worked", async () => {
    const [, thumbnails] = /```ts jobs\/thumbnails\.ts\n([^`]+`[^]*?)\n```/.exec(readFileSync(README, "utf8"))!;
    place.write("jobs/thumbnails.ts", thumbnails!);
    await dev.printed(/↻ code changed: version \w+, 4 jobs/);
    const { stdout } = await place.run("run", "thumbnails", "--wait");
    expect(JSON.parse(stdout)).toEqual({ pictures: 5 });

    place.write("jobs/thumbnails.ts", "export const oops = ;");
    await dev.printed(/thumbnails\.ts:1:\d+[\s\S]*The last version that worked stays in use/);
    expect((await place.run("run", "thumbnails", "--wait")).code).toBe(0);

    // Back to what there was: an earlier version is the current one again.
    place.write("jobs/thumbnails.ts", "");
    await dev.printed(/↻ code changed: version \w+, 3 jobs/);
    expect((await place.run("run", "thumbnails")).code).toBe(2);
  });
});

describe("dqueue run --wait", () => {
  test("prints the final step's output, and exits with 0", async () => {
    const { code, stdout, stderr } = await place.run("run", "doubles", "--config", '{"n":4}', "--wait");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ sum: 12 });
    expect(stderr).toMatch(/^Run \S+ of doubles launched\.\nRun \S+ of doubles: SUCCESS\n$/);
  });

  test("with --json stdout is the run and its output", async () => {
    const { code, stdout } = await place.run(
      "run",
      "doubles",
      "--wait",
      "--json",
      "--tag",
      "team=data",
      "--priority",
      "3",
    );
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as object;
    expect(document).toMatchObject({ status: "SUCCESS", output: { sum: 20 }, tags: { team: "data" }, priority: 3 });
  });

  test("a run that fails exits with 1 and says why", async () => {
    const { code, stdout, stderr } = await place.run("run", "failing", "--wait");
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("of failing: FAILURE");
    expect(await json<Run>("run", "failing", "--wait")).toMatchObject({ status: "FAILURE", output: null });
  });

  test("a run that is canceled from elsewhere exits with 3", async () => {
    const command = place.start("run", "waiting", "--wait");
    const [, id] = await command.printed(/Run (\S+) of waiting launched/);
    expect((await place.run("runs", "cancel", id!)).stdout).toMatch(
      /^Run \S+ is (canceled|being canceled(, once wait has stopped; what does not heed its `signal` is killed after 5 s)?)\.\n$/,
    );
    expect((await command.ended()).code).toBe(3);
  });

  test("Ctrl-C exits with 130 and says that the run goes on, which it does", async () => {
    const command = place.start("run", "waiting", "--wait", "--json");
    const [, id] = await command.printed(/Run (\S+) of waiting launched/);
    command.child.kill("SIGINT");
    const { code, stdout, stderr } = await command.ended();
    expect(code).toBe(130);
    expect(stderr).toContain(`Run ${id} goes on without this command. Cancel it with \`dqueue runs cancel ${id}\`.`);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "INTERRUPTED", run: id } });
    expect(["QUEUED", "STARTING", "STARTED"]).toContain((await json<Run>("runs", "show", id!)).status);
    await place.run("runs", "cancel", id!);
  });

  test("an unknown job and a config that does not fit are wrong usage", async () => {
    const unknown = await place.run("run", "double", "--wait");
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain('There is no job "double". Did you mean "doubles"?');
    const bad = await place.run("run", "doubles", "--config", '{"n":-1}');
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/^dqueue: Job "doubles" does not take this config: config\.n must be >= 0; got -1\.\n$/);
    const twice = await place.run("run", "doubles", "--config", '{"n":-1,"N":2}');
    expect(twice.stderr).toMatch(
      /config\.N is not known to the job \(did you mean "n"\?\); got 2\.\n {2}\/config\/n: /,
    );
    expect(await json("run", "doubles", "--config", '{"n":-1}')).toMatchObject({
      error: { code: "INVALID_CONFIG", errors: [{ pointer: "/config/n" }] },
    });
  });
});

describe("the commands that ask", () => {
  test("runs lists and shows", async () => {
    const { id } = await json<Run>("run", "failing", "--wait", "--tag", "team=data");
    const { stdout } = await place.run("runs", "list", "--job", "failing", "--status", "failure,canceled", "-n", "1");
    expect(stdout).toContain(`${id}  failing  FAILURE`);
    expect(await json("runs", "--tag", "team=data", "--job", "failing")).toMatchObject({ items: [{ id }] });
    const shown = (await place.run("runs", "show", id, "--status", "FAILURE")).stdout;
    expect(shown).toMatch(/boom +FAILURE +1 .*it broke/);
    expect(shown).toMatch(/✗ boom\n {2}TypeError: it broke\n {4}at .*jobs\.ts:\d+:\d+\)\n$/);
    const misspelt = await place.run("runs", "shwo", id);
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toContain("Did you mean `dqueue runs show`?");
    expect((await place.run("runs", id)).stderr).toContain(`Did you mean \`dqueue runs show ${id}\`?`);
  });

  test("runs reexecute takes a run from its failure, its start or chosen steps, with another config", async () => {
    const failed = await json<Run>("run", "failing", "--wait");
    const again = await json("runs", "reexecute", failed.id, "--wait");
    expect(again).toMatchObject({ status: "FAILURE", parent_run_id: failed.id });

    const { id } = await json<Run>("run", "doubles", "--config", '{"n":2}', "--wait");
    const [nothing, started, steps] = await Promise.all([
      place.run("runs", "reexecute", id),
      json("runs", "reexecute", id, "--from", "start", "--config", '{"n":3}', "--wait"),
      json("runs", "reexecute", id, "--from", "steps", "--step", "sum", "--wait"),
    ]);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('Take from "start" or "steps".');
    expect(started).toMatchObject({ parent_run_id: id, config: { n: 3 }, output: { sum: 6 } });
    expect(steps).toMatchObject({ parent_run_id: id, config: { n: 2 }, output: { sum: 2 } });
    const idle = await place.run("runs", "reexecute", id, "--step", "sum", "--config", '{"n":3}');
    expect(idle.stderr).toMatch(
      /^config\.n acts only in numbers, which run \S+ does not do again: .*`--step 'numbers\+'`/,
    );
    for (const wrong of [
      ["--from", "steps"],
      ["--from", "start", "--step", "sum"],
      ["--from", "there"],
      ["--step", "no"],
    ])
      expect((await place.run("runs", "reexecute", id, ...wrong)).code).toBe(2);
  });

  test("runs logs follows until the run ends, each line once", async () => {
    const { id } = await json<Run>("run", "doubles", "--config", '{"n":3}');
    const { stdout } = await place.run("runs", "logs", id, "-f");
    expect(stdout.match(/doubling \d/g)!.sort()).toEqual(["doubling 0", "doubling 1", "doubling 2"]);
    const one = await json<{ items: { text: string }[] }>("runs", "logs", id, "--step", "double[1]");
    expect(one.items.map(({ text }) => text)).toEqual(["doubling 1"]);
  });

  test("lines come while the run goes on; Ctrl-C says that it does, with the lines in one document", async () => {
    const { id } = await json<Run>("run", "waiting");
    const following = place.start("runs", "logs", id, "-f");
    await following.printed(/wait waiting/);
    following.child.kill("SIGINT");
    expect((await following.ended()).code).toBe(130);
    expect(following.text()).toContain(`Run ${id} goes on without this command.`);
    const link = new Link(Number(place.env.PORT));
    await link.open();
    place.env.DQUEUE_URL = `http://127.0.0.1:${link.port}`;
    const asJson = place.start("runs", "logs", id, "-f", "--json");
    delete place.env.DQUEUE_URL;
    // It prints nothing yet; once it asks, it hears Ctrl-C.
    await link.taken();
    asJson.child.kill("SIGINT");
    const { code, stdout } = await asJson.ended();
    await link.cut();
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "INTERRUPTED", run: id } });
    await place.run("runs", "cancel", id);
  });

  test("jobs lists and shows", async () => {
    expect((await place.run("jobs")).stdout).toMatch(/^JOB +OPS .*\n(.*\n)*doubles +3/);
    const { stdout } = await place.run("jobs", "show", "doubles");
    expect(stdout).toMatch(/double +per item of numbers +numbers +default/);
    expect(stdout).toMatch(/sum +once +all of double +default/);
    expect(stdout).toMatch(/CONFIG +TYPE +WITHOUT IT\nn +integer +5\n/);
    expect(await json("jobs", "show", "doubles")).toMatchObject({ name: "doubles", graph: { nodes: [{}, {}, {}] } });
    expect((await place.run("jobs", "show", "nope")).code).toBe(2);
    expect((await place.run("jobs", "doubles")).stderr).toContain("Did you mean `dqueue jobs show doubles`?");
  });

  test("sensors lists, tries, stops and starts", async () => {
    expect((await place.run("sensors")).stdout).toMatch(/once +RUNNING/);
    expect((await place.run("sensors", "test", "once")).stdout).toContain("it was done before");
    expect(await json("sensors", "stop", "once")).toMatchObject({ status: "STOPPED" });
    expect((await place.run("sensors", "start", "once")).stdout).toBe("Sensor once is RUNNING.\n");
    expect((await place.run("sensors", "stop", "nope")).code).toBe(2);
  });

  test("workers and queues show what there is", async () => {
    expect(await json("workers")).toMatchObject({ items: [{ slots: 16, queues: ["default"] }], lost: [] });
    expect((await place.run("queues")).stdout).toMatch(/default +\d+ +\d+ +\d+ +\d+ +16 +1/);
  });

  test("an id that is none is wrong usage", async () => {
    for (const args of [["show"], ["cancel"], ["logs"], ["reexecute"]]) {
      const { code, stderr } = await place.run("runs", ...args, "../x");
      expect(code).toBe(2);
      expect(stderr).not.toContain("    at ");
    }
  });

  test("a pipe that closes early is no error", async () => {
    const shell = spawn(
      "bash",
      ["-c", `"$0" "$1" runs list --json | head -n 1; echo "\${PIPESTATUS[0]}"`, process.execPath, MAIN],
      {
        cwd: place.folder,
        env: place.env,
      },
    );
    let all = "";
    for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text: Buffer) => (all += text.toString()));
    await once(shell, "close");
    expect(all).toBe("{\n0\n");
  });

  test("doctor finds all well, the server on its port, and the database in that server's hands", async () => {
    const { ok, findings } = await json<{ ok: boolean; findings: object[] }>("doctor");
    expect(ok).toBe(true);
    const has = `the dqueue of process ${dev.child.pid} has it open`;
    expect(findings).toContainEqual({ check: "database", state: "ok", text: expect.stringContaining(has) });
    const answers = expect.stringContaining("a dqueue server answers");
    expect(findings).toContainEqual({ check: "port", state: "ok", text: answers });
  });
});

describe("a restart", () => {
  test("keeps every run, and those under way go on, after kill -9 and after Ctrl-C; who waits for one hears of it", async () => {
    const waiting = place.start("run", "waiting", "--wait");
    const id = (await waiting.printed(/Run (\S+) of waiting launched/))[1]!;
    const following = place.start("runs", "logs", id, "-f");
    await following.printed(/wait waiting/);
    const before = await json<{ items: Run[] }>("runs", "list", "-n", "1000");
    dev.child.kill("SIGKILL");
    await dev.ended();

    dev = place.start("dev");
    await dev.printed(/dqueue is at/);
    const after = await json<{ items: Run[] }>("runs", "list", "-n", "1000");
    expect(after.items.map((run) => run.id)).toEqual(before.items.map((run) => run.id));

    dev.child.kill("SIGINT");
    expect((await dev.ended()).code).toBe(0);
    dev = place.start("dev");
    await dev.printed(/dqueue is at/);
    place.write("go", "");
    await dev.printed(new RegExp(`✓ waiting SUCCESS .*${id}`));
    const { steps } = await json<{ steps: { attempt: number; lost: number }[] }>("runs", "show", id);
    expect(steps).toMatchObject([{ attempt: 1 }]);
    expect(await waiting.ended()).toMatchObject({ code: 0, stdout: '"waited"\n' });
    expect((await following.ended()).code).toBe(0);
  });

  test("SIGTERM ends it in order, with exit code 0", async () => {
    dev.child.kill("SIGTERM");
    expect((await dev.ended()).code).toBe(0);
  });
});
