import { freePort } from "../support/free-port";
import { type Workspace, workspace } from "./command";
import { JOBS } from "./jobs";
import { inTerminal, pressCtrlC } from "./terminal";

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

  test("runs of a filter are canceled once their number is typed; --yes does so without asking", async () => {
    const launched = await Promise.all([1, 2, 3].map(() => place.run("run", "waiting", "--tag", "of=bulk")));
    const ids = launched.map(({ stdout }) => stdout.trim());
    const filter = ["runs", "cancel", "--filter", "tag:of=bulk"];
    const unasked = await place.run(...filter);
    expect([unasked.code, unasked.stdout]).toEqual([2, ""]);
    expect(unasked.stderr).toMatch(/^dqueue: It would cancel 3 runs \(.*\): --yes does so without asking\.\n$/);

    const mistyped = inTerminal(place, ...filter);
    await mistyped.printed(/Type 3 to cancel 3 runs: /);
    mistyped.child.stdin!.write("2\r");
    const refused = await mistyped.ended();
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("Nothing was done.")]);
    for (const id of ids)
      expect(JSON.parse((await place.run("runs", "show", id, "--json")).stdout).cancel_requested_at).toBeNull();

    const typed = inTerminal(place, ...filter);
    await typed.printed(/Type 3 to cancel 3 runs: /);
    typed.child.stdin!.write("3\r");
    const done = await typed.ended();
    expect([done.code, plain(done.stdout)]).toEqual([0, expect.stringContaining("3 of 3 runs canceled.")]);
    const [, action] = /as bulk action (\S+)\./.exec(plain(done.stdout))!;
    const shown = JSON.parse((await place.run("runs", "bulk", action!, "--json")).stdout);
    expect(shown).toMatchObject({ id: action, verb: "cancel", status: "DONE", total: 3, done: 3, refused: 0 });
    for (const which of [
      ["--tag", `dqueue/bulk=${action}`],
      ["--filter", `tag:dqueue/bulk=${action} status:canceled -job:failing`],
    ]) {
      const listed = JSON.parse((await place.run("runs", ...which, "--json")).stdout);
      expect(listed.items.map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
    }
    const both = await place.run("runs", "--filter", "failure", "--job", "failing");
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("go without --filter")]);
    const none = await place.run("runs", "cancel", "--filter", "tag:of=nobody", "--yes");
    expect([none.code, none.stdout]).toEqual([0, "The filter finds no run to cancel.\n"]);
  });

  test("deleting takes one run or, with --yes, those of a filter; a filter must be one", async () => {
    const [one, two] = await Promise.all([1, 2].map(() => place.run("run", "failing", "--wait", "--json")));
    const { id } = JSON.parse(one!.stdout);
    expect((await place.run("runs", "delete", id)).stdout).toBe(`Run ${id} is deleted.\n`);
    const rest = await place.run("runs", "delete", "--filter", `id:${JSON.parse(two!.stdout).id}`, "--yes", "--json");
    expect([rest.code, JSON.parse(rest.stdout)]).toEqual([0, expect.objectContaining({ total: 1, done: 1 })]);
    for (const [args, said] of [
      [["--filter", ""], /^dqueue: --filter is empty/],
      [
        ["--filter", "status:nope"],
        /^dqueue: --filter: "status:nope" is no filter: status is one of queued, .*; e\.g\. /,
      ],
      [[id, "--filter", "job:a"], /^dqueue: Either the id of a run or --filter, not both/],
      [[], /^dqueue: Which runs\? The id of one, or --filter/],
    ] as const) {
      const { code, stderr } = await place.run("runs", "delete", ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
    }
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
