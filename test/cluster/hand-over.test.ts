import type { Browser, Page } from "playwright-core";
import type { Deployment } from "../../client";
import { describeInBrowser, openWindow, startBrowser } from "../support/browser";
import { type Cluster, distributed } from "../support/cluster";
import { eventually } from "../support/eventually";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { COUNTED_JOBS } from "./jobs";

jest.setTimeout(300_000);

describeOnPostgres("A shard is handed over between two daemons, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      beforeAll(async () => {
        cluster = await distributed({ jobs: COUNTED_JOBS, daemons: 2, workers: 2 });
        await shares([4, 4]);
      });
      afterAll(() => cluster?.stop());

      const shards = async (): Promise<Deployment["shards"]> => (await cluster.client.deployment()).shards;
      const ownerOf = async (id: number): Promise<string> => (await shards())[id]!.owner!;
      const owners = async (): Promise<string[]> => [...new Set((await shards()).map(({ owner }) => owner!))].sort();
      /** They have settled: each daemon holds so many. */
      const shares = (counts: number[]): Promise<unknown> =>
        eventually(async () => {
          const all = await shards();
          const held = (await owners()).map((name) => all.filter(({ owner }) => owner === name).length);
          return JSON.stringify(held) === JSON.stringify(counts) && all.every(({ live }) => live);
        });
      const otherThan = async (owner: string): Promise<string> => (await owners()).find((name) => name !== owner)!;

      describeInBrowser("through the page", () => {
        let browser: Browser;
        beforeAll(async () => void (browser = await startBrowser()));
        afterAll(() => browser?.close());

        test("a click on a shard and on its button gives it to the other, and its tile shows the new owner", async () => {
          const { page, complaints } = await openWindow(browser);
          await page.goto(`${cluster.url}/deployment`);
          const id = 2;
          const [before, after] = [await ownerOf(id), await otherThan(await ownerOf(id))];
          const tile = tileOf(page, id);
          await tile.getByText(before).waitFor();
          // Runs go on in all shards meanwhile.
          const runs = await Promise.all(
            Array.from({ length: 10 }, () => cluster.client.runs.launch({ job: "fan", config: { n: 20, ms: 100 } })),
          );
          await tile.getByRole("button", { name: `Shard ${id}` }).click();
          await page.getByRole("button", { name: "Hand over now" }).click();
          await page.getByText(`Shard ${id} goes to ${after}`).waitFor();
          await tile.getByText(after).waitFor();
          expect(await tile.getByText(before).count()).toBe(0);
          const takeovers = page.getByRole("region", { name: "Take-overs", exact: true });
          await takeovers
            .getByRole("row")
            .filter({ hasText: "handed over" })
            .filter({ hasText: after })
            .first()
            .waitFor();
          for (const { id: run } of runs) expect((await cluster.client.runs.wait(run)).status).toBe("SUCCESS");
          expect(complaints).toEqual([]);
          await page.context().close();
        });

        const tileOf = (page: Page, id: number) =>
          page
            .getByRole("region", { name: "Shards" })
            .getByRole("listitem")
            .filter({ has: page.getByRole("button", { name: `Shard ${id}`, exact: true }) });
      });

      test("the command line lists them, and gives one to the daemon that it names", async () => {
        const { place, client } = cluster;
        const table = (await place.run("shards")).stdout;
        expect(table).toMatch(/^SHARD +OWNER +RUNS +EPOCH +SINCE\n/);
        expect(table.split("\n").filter((line) => /^ +[0-7] +\S+ +\d+ +\d{16} +\S/.test(line))).toHaveLength(8);
        const { items } = JSON.parse((await place.run("shards", "list", "--json")).stdout) as { items: object[] };
        expect(items).toHaveLength(8);
        const from = await ownerOf(6);
        const to = await otherThan(from);
        const given = await place.run("shards", "hand-over", "6", "--to", to);
        expect(given).toMatchObject({ code: 0, stderr: "" });
        expect(given.stdout).toBe(`Shard 6 goes from ${from} to ${to}, where its runs go on within about a second.\n`);
        await eventually(async () => (await ownerOf(6)) === to);
        const back = JSON.parse((await place.run("shards", "hand-over", "6", "--json")).stdout) as object;
        expect(back).toEqual({ shard: 6, from: to, to: from });
        const entries = (await client.audit.list({ action: "handOverShard" })).items;
        expect(entries.slice(0, 2)).toMatchObject([
          { object: "shards/6", details: {}, outcome: "OK" },
          { object: "shards/6", details: { to }, outcome: "OK" },
        ]);
      });

      test("what it cannot do, it says with an exit code: a daemon or a shard that there is not, one that has it already", async () => {
        const { place } = cluster;
        await eventually(async () => (await shards()).every(({ owner, live }) => owner !== null && live));
        const owner = await ownerOf(6);
        const other = await otherThan(owner);
        for (const wanted of ["nobody", owner]) {
          const refused = await place.run("shards", "hand-over", "6", "--to", wanted);
          expect(refused).toMatchObject({ code: 2, stdout: "" });
          expect(refused.stderr).toContain(`Shard 6 cannot go to "${wanted}": others that take shards`);
          expect(refused.stderr).toContain(other);
        }
        const missing = await place.run("shards", "hand-over", "8", "--json");
        expect(missing.code).toBe(2);
        expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: "SHARD_NOT_FOUND" } });
        expect((await place.run("shards", "hand-ovr")).stderr).toContain("Did you mean `dqueue shards hand-over`?");
        expect(await ownerOf(6)).toBe(owner);
      });

      test("a worker that vanished is told of among the workers, with what became of its steps", async () => {
        const { place, client } = cluster;
        const { id } = await client.runs.launch({ job: "fan", config: { n: 4, ms: 3_000 } });
        const busy = await eventually(
          async () => (await client.workers.list()).items.find((one) => one.busy > 0),
          Boolean,
        );
        process.kill(busy!.pid, "SIGKILL");
        await eventually(async () => (await client.workers.lost()).items.some(({ id: lost }) => lost === busy!.id));
        expect((await place.run("workers")).stdout).toMatch(
          new RegExp(`^LOST WORKER +LAST SEEN +HAD IN HAND +RUNNING +WAITING +SETTLED\\n${busy!.id} +\\S+ +[1-9]`, "m"),
        );
        const told = JSON.parse((await place.run("workers", "--json")).stdout) as { lost: { id: string }[] };
        expect(told.lost.map((one) => one.id)).toEqual([busy!.id]);
        expect((await client.runs.wait(id)).status).toBe("SUCCESS");
      });

      test("the last daemon has nobody to hand one over to", async () => {
        const [first] = cluster.processes("daemon");
        first!.child.kill("SIGTERM");
        await first!.ended();
        await shares([8]);
        const alone = await cluster.place.run("shards", "hand-over", "3");
        expect(alone).toMatchObject({ code: 1, stdout: "" });
        expect(alone.stderr).toContain("no other coordinator takes shards at the moment");
      });
    },
    { ownBroker: false },
  );
});
