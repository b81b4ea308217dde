import { spawn } from "node:child_process";
import { once } from "node:events";
import { MAIN } from "../cli/command";
import { JOBS } from "../cli/jobs";
import { onBoth } from "./modes";

jest.setTimeout(120_000);

onBoth("CLI-1", { jobs: JOBS }, (cluster) => {
  const command = (...args: string[]) => cluster().place.run("run", ...args);

  test.each([
    ["succeeds", ["doubles", "--wait"], 0],
    ["fails", ["failing", "--wait"], 1],
    ["is of an unknown job", ["nope", "--wait"], 2],
    ["has a config that breaks the schema", ["doubles", "--config", '{"n":"many"}', "--wait"], 2],
  ])("a run that %s has an exit code of its own, and with --json one document on stdout", async (_how, args, code) => {
    const [text, json] = await Promise.all([command(...args), command(...args, "--json")]);
    expect([text.code, json.code]).toEqual([code, code]);
    expect(JSON.parse(json.stdout)).toBeInstanceOf(Object);
    expect(text.stdout === "" || code === 0).toBe(true);
    for (const { stdout, stderr } of [text, json]) expect(stdout + stderr).not.toMatch(/^ {4}at /m);
  });

  test("a run that is canceled from elsewhere has another, and with --json one document on stdout", async () => {
    const running = cluster().place.start("run", "waiting", "--wait", "--json");
    const [, id] = await running.printed(/Run (\S+) of waiting launched/);
    await cluster().client.runs.cancel(id!);
    const { code, stdout } = await running.ended();
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ id, status: "CANCELED" });
  });

  test("no server has another, and with --json one document on stdout", async () => {
    const { place } = cluster();
    const { DQUEUE_URL } = place.env;
    place.env.DQUEUE_URL = "http://127.0.0.1:1";
    const [text, json] = await Promise.all([command("doubles", "--wait"), command("doubles", "--wait", "--json")]);
    if (DQUEUE_URL === undefined) delete place.env.DQUEUE_URL;
    else place.env.DQUEUE_URL = DQUEUE_URL;
    expect([text.code, json.code]).toEqual([4, 4]);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "UNREACHABLE" } });
  });

  test("a pipe that closes early is no error and no stack", async () => {
    const { place } = cluster();
    for (const json of ["", "--json"]) {
      const line = `"$0" "$1" run doubles --wait ${json} | head -1 >/dev/null; echo "code \${PIPESTATUS[0]}"`;
      const shell = spawn("bash", ["-c", line, process.execPath, MAIN], { cwd: place.folder, env: place.env });
      let all = "";
      for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text: Buffer) => (all += text.toString()));
      await once(shell, "close");
      expect(all).toContain("code 0");
      expect(all).not.toMatch(/EPIPE|^ {4}at /m);
    }
  });

  test("Ctrl-C exits with 130 and says that the run goes on", async () => {
    const running = cluster().place.start("run", "waiting", "--wait");
    const [, id] = await running.printed(/Run (\S+) of waiting launched/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended();
    expect(code).toBe(130);
    expect(stderr).toContain(`Run ${id} goes on`);
    expect((await cluster().client.runs.get(id!)).ended_at).toBeNull();
    await cluster().client.runs.cancel(id!);
    expect((await cluster().client.runs.wait(id!)).status).toBe("CANCELED");
  });
});
