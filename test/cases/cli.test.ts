import { spawn } from "node:child_process";
import { once } from "node:events";
import { MAIN } from "../cli/command";
import { JOBS } from "../cli/jobs";
import { onBoth } from "./modes";

/** Its document is longer than a pipe holds, so that the pipe breaks for certain. */
const LENGTHY = `
const heavy = op({
  name: "heavy",
  config: z.object({ filler: z.string() }),
  run: async (): Promise<void> => {
    throw new Error("it broke under its weight");
  },
});
export const lengthy = job("lengthy", (g) => void g.call(heavy));
`;

onBoth("CLI-1", { jobs: JOBS + LENGTHY }, (cluster) => {
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
    const [text, json] = [["--wait"], ["--wait", "--json"]].map((flags) =>
      cluster().place.start("run", "waiting", ...flags),
    );
    for (const running of [text!, json!]) {
      const [, id] = await running.printed(/Run (\S+) of waiting launched/);
      await cluster().client.runs.cancel(id!);
      const { code, stdout, stderr } = await running.ended();
      expect(code).toBe(3);
      expect(stderr).toContain(`Run ${id} of waiting: CANCELED`);
      if (running === json) expect(JSON.parse(stdout)).toMatchObject({ id, status: "CANCELED", output: null });
      else expect(stdout).toBe("");
    }
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

  test("a pipe that closes early is no error and no stack, and takes nothing from how the run ended", async () => {
    const { place } = cluster();
    place.write("long.json", JSON.stringify({ filler: "x".repeat(200_000) }));
    const ends = [
      ["run doubles --wait", 0],
      ["run doubles --wait --json", 0],
      ["run lengthy --wait --json --config @long.json", 1],
      ["run failing --wait 2>&1", 1],
      ["runs list --json", 0],
      ["runs shwo --json", 2],
    ] as const;
    const seen = ends.map(async ([words]) => {
      const line = `"$0" "$1" ${words} | head -1 >/dev/null; echo "code \${PIPESTATUS[0]}"`;
      const shell = spawn("bash", ["-c", line, process.execPath, MAIN], { cwd: place.folder, env: place.env });
      let all = "";
      for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text: Buffer) => (all += text.toString()));
      await once(shell, "close");
      expect(all).not.toMatch(/EPIPE|^ {4}at /m);
      return [words, Number(/code (\d+)/.exec(all)![1])];
    });
    expect(await Promise.all(seen)).toEqual(ends);
  });

  test("Ctrl-C exits with 130 and says that the run goes on, with --json in one document on stdout", async () => {
    const { client, place } = cluster();
    const commands = [["--wait"], ["--wait", "--json"]].map((flags) => place.start("run", "waiting", ...flags));
    for (const running of commands) {
      const [, id] = await running.printed(/Run (\S+) of waiting launched/);
      running.child.kill("SIGINT");
      const { code, stderr, stdout } = await running.ended();
      expect(code).toBe(130);
      expect(stderr).toContain(`Run ${id} goes on`);
      if (running !== commands[0])
        expect(JSON.parse(stdout)).toMatchObject({ error: { code: "INTERRUPTED", run: id } });
      else expect(stdout).toBe("");
      expect((await client.runs.get(id!)).ended_at).toBeNull();
      await client.runs.cancel(id!);
      expect((await client.runs.wait(id!)).status).toBe("CANCELED");
    }
  });
});
