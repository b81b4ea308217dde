import { freePort } from "../support/free-port";
import { type Workspace, workspace } from "./command";
import { JOBS } from "./jobs";
import { inTerminal, pressCtrlC } from "./terminal";

jest.setTimeout(120_000);

const COLOUR = /\u001b\[\d+m/;
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, "").replaceAll("\r", "");

/** Which only Linux has in this form. */
const describeWithScript = process.platform === "linux" ? describe : describe.skip;

describeWithScript("in a terminal", () => {
  let place: Workspace;
  beforeAll(async () => {
    place = workspace({ PORT: String(await freePort()), DQUEUE_PROCESSES: "1", DQUEUE_CONCURRENCY: "2" });
    place.env.TZ = "Asia/Tokyo";
    place.write("jobs/jobs.ts", JOBS);
    await place.start("dev").printed(/dqueue is at http:\S+/);
  });
  afterAll(() => place.remove());

  const screen = async (...args: string[]): Promise<string> => (await inTerminal(place, ...args).ended()).stdout;

  test("run --wait shows a bar with the steps and the one under way; Ctrl-C leaves the run to itself", async () => {
    const running = inTerminal(place, "run", "waiting", "--wait");
    const [, id] = await running.printed(/Run (\S+) of waiting launched/);
    await running.printed(/0\/1 steps · STARTED · [\d.]+ m?s · wait/);
    pressCtrlC(running);
    const { code, stdout } = await running.ended();
    expect(code).toBe(130);
    expect(stdout).toContain(`Run ${id} goes on without this command.`);
    // The cursor, hidden for the bar, is back.
    expect(stdout.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001b[?25l"));
    await place.run("runs", "cancel", id!);
  });

  test("tables fit its 80 columns, with colours and the time on the wall", async () => {
    const { id, created_at } = JSON.parse((await place.run("run", "failing", "--wait", "--json")).stdout);
    const list = await screen("runs");
    expect(list).toMatch(COLOUR);
    const tokyo = new Date(Date.parse(created_at) + 9 * 3_600_000).toISOString().slice(11, 19);
    expect(plain(list)).toMatch(new RegExp(`^${id}  failing +FAILURE +0/1  ${tokyo}`, "m"));
    const shown = await screen("runs", "show", id);
    expect(plain(shown)).toMatch(/^✗ boom\n {2}TypeError: it broke\n {4}at .*jobs\.ts:\d+:\d+\)$/m);
    const pages = [list, shown, await screen("sensors"), await screen("workers"), await screen("queues")];
    for (const line of plain(pages.join("\n")).split("\n"))
      if (!/^ {4}at /.test(line)) expect([...line].length).toBeLessThanOrEqual(80);
  });

  test("NO_COLOR and a pipe get none, also where CI is set", async () => {
    const asked = ["runs", "--job", "failing"];
    place.env.NO_COLOR = "1";
    expect(await screen(...asked)).not.toMatch(COLOUR);
    delete place.env.NO_COLOR;
    place.env.CI = "true";
    expect((await place.run(...asked)).stdout).not.toMatch(COLOUR);
    delete place.env.CI;
  });
});
