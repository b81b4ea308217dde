import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DqueueError } from "../../core/errors";
import { Outage } from "../../services/http/outage";
import { type Database, openDatabase } from "../../store/database";
import { ensureSchema } from "../../store/migrate";
import { eventually } from "../support/eventually";
import { startWorld } from "./world";

const homes: string[] = [];
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

const openHome = async (): Promise<{ home: string; db: Database }> => {
  const home = mkdtempSync(join(tmpdir(), "dqueue-outage-"));
  homes.push(home);
  return { home, db: await openDatabase({ home }) };
};

test("a home that is removed under a running server is said by ready, health and every request; it stops all the same", async () => {
  const { home, db } = await openHome();
  await ensureSchema(db);
  const world = await startWorld({ db, stop: () => db.close() }, { coordinator: false });
  expect((await world.call("GET", "/api/health")).status).toBe(200);
  rmSync(home, { recursive: true, force: true });
  const health = await eventually(
    () => world.call("GET", "/api/health"),
    ({ status }) => status !== 200,
  );
  expect([health.status, health.body.status]).toEqual([503, "failed"]);
  expect(health.body.problem).toContain(`The folder ${home} of the embedded database has been removed`);
  const ready = await world.call("GET", "/api/ready");
  expect([ready.status, ready.body.checks[0].problems]).toEqual([503, [health.body.problem]]);
  for (const path of ["/api/runs", "/api/jobs", "/api/runs/01a21516-3caf-731f-9182-2044b8046000"]) {
    const { status, body } = await world.call("GET", path);
    expect([path, status, body.code]).toEqual([
      path,
      503,
      path === "/api/sensors" ? body.code : "DATABASE_UNAVAILABLE",
    ]);
  }
  await world.stop();
  await db.close();
});

test("an outage is one line when it begins and one when it is over, however many requests it fails", async () => {
  const { db } = await openHome();
  const lines: string[] = [];
  let over!: () => void;
  const isOver = new Promise<void>((resolve) => (over = resolve));
  const outage = new Outage(db, {
    error: (line: string) => void lines.push(line),
    warn: (line: string) => {
      lines.push(line);
      over();
    },
  });
  expect(outage.explains(new TypeError("ours"))).toBe(false);
  for (let i = 0; i < 100; i++) expect(outage.explains(new DqueueError("DATABASE_UNREACHABLE", "Away."))).toBe(true);
  await isOver;
  expect(lines).toEqual([
    "Requests fail for want of the database. Away. This is said once, and when it is over.",
    "The database answers again.",
  ]);
  outage.stop();
  await db.close();
});
