import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { bundleCode } from "../../services/code-location";
import { checkAccess } from "../../services/doctor/access";
import { checkBroker } from "../../services/doctor/broker";
import { checkDatabase, judgeClock } from "../../services/doctor/database";
import { room } from "../../services/doctor/finding";
import { checkSettings } from "../../services/doctor/given-settings";
import { checkRetention } from "../../services/doctor/kept";
import { checkMemory, checkNode, diskOf, judgeDisk } from "../../services/doctor/machine";
import { checkTransactions } from "../../services/doctor/transactions";
import { readSettings, type Settings } from "../../services/settings";
import { openDatabase } from "../../store/database";
import { eventually } from "../support/eventually";
import { describeOnPostgres, startPostgres } from "../support/postgres";

const GB = 1e9;
const settings = (given: Record<string, string> = {}): Settings => readSettings(given, "/nowhere");

describe("how long runs are kept", () => {
  const kept = (given: Record<string, string>, taken: number | null, disk: { free: number; size: number } | null) =>
    checkRetention(settings(given), { taken, disk });
  const forEver = { RETENTION_DAYS: "0" };

  test("is told, with what the database takes", () => {
    expect(kept({ RETENTION_BYTES: "20GB" }, 1.5 * GB, null)).toEqual({
      ...{ check: "retention", state: "ok" },
      text: "ended runs are kept 30 days, at most 20 GB of them; the database takes 1.5 GB",
    });
  });

  test.each([
    ["a server's disk cannot be seen", GB, null],
    ["less than a tenth of the disk is free", GB, { free: 9 * GB, size: 100 * GB }],
    ["less is free than the database takes", 30 * GB, { free: 20 * GB, size: 100 * GB }],
  ])("warns where nothing is ever removed and %s", (_, taken, disk) => {
    const { state, text, todo } = kept(forEver, taken, disk);
    expect([state, text]).toEqual(["warning", expect.stringContaining("kept for ever")]);
    expect(todo).toContain("RETENTION_DAYS");
  });

  test("does not warn where there is room, or where something limits it", () => {
    expect(kept(forEver, GB, { free: 50 * GB, size: 100 * GB }).state).toBe("ok");
    expect(kept({ ...forEver, RETENTION_BYTES: "5GB" }, GB, null).state).toBe("ok");
    expect(kept({}, 30 * GB, { free: 20 * GB, size: 100 * GB }).state).toBe("ok");
  });

  test("warns of a limit that the disk does not reach to", () => {
    const disk = { free: 10 * GB, size: 100 * GB };
    expect(kept({ RETENTION_BYTES: "30GB" }, 5 * GB, disk)).toMatchObject({
      ...{ state: "warning", text: expect.stringContaining("10 GB more are free") },
    });
    expect(kept({ RETENTION_BYTES: "14GB" }, 5 * GB, disk).state).toBe("ok");
  });
});

test("a home that cannot be made is told of before the first start", async () => {
  const { value } = await checkDatabase(settings({ DQUEUE_HOME: "/dev/null/home" })).next();
  expect(value).toMatchObject({
    ...{ check: "database", state: "problem" },
    text: expect.stringMatching(/^DQUEUE_HOME is "\/dev\/null\/home": it must be a folder .*\/dev\/null is no folder/),
  });
});

// Node, told to make what is missing, would try it there for ever.
test.each(["/proc", "/proc/home", "/proc/self/a/home"])("%s is no home, nor one for bundles", async (home) => {
  const refused = /^DQUEUE_HOME is "\/proc.*": it must be a folder that can be made/;
  const at = settings({ DQUEUE_HOME: home });
  const { value } = await checkDatabase(at).next();
  expect(value).toMatchObject({ check: "database", state: "problem", text: expect.stringMatching(refused) });
  await expect(bundleCode(at)).rejects.toThrow(refused);
});

describe("memory", () => {
  const MIB = 2 ** 20;
  const here = { machine: 64 * GB, containerLimit: 512 * MIB, heapLimit: 256 * MIB };
  const worker = (processes: number, stepMemoryMb: number | null) => ({ processes, stepMemoryMb });

  test("warns where the heaps of a worker's step processes could fill the container", () => {
    const { state, text, todo } = checkMemory(worker(4, 128), here);
    expect([state, text]).toEqual(["warning", expect.stringMatching(/4 step processes with heaps of up to 134 MB/)]);
    expect(todo).toContain("DQUEUE_STEP_MEMORY_MB");
    expect(checkMemory(worker(2, null), here).state).toBe("warning");
    expect(checkMemory(worker(3, 128), here).state).toBe("ok");
  });

  test("of the machine counts where there is no container, and Node's own limit does not", () => {
    const bare = { ...here, machine: 8 * GB, containerLimit: null, heapLimit: 4 * GB };
    expect(checkMemory(worker(8, null), bare)).toEqual({ check: "memory", state: "ok", text: "this machine has 8 GB" });
    expect(checkMemory(worker(8, 2_000), bare).state).toBe("warning");
  });
});

test.each([
  [[-5, 5], "ok"],
  [[-900, -100], "ok"],
  [[1_500, 1_600], "warning"],
  [[-1_600, -1_500], "warning"],
  // The answer took so long that nobody can tell.
  [[-10, 8_000], "ok"],
] as const)("a clock that is %j ms behind the database's: %s", ([least, most], state) => {
  const finding = judgeClock([least, most]);
  expect(finding.state).toBe(state);
  if (state === "warning") expect(finding.text).toMatch(least > 0 ? /1\.5 s behind the/ : /1\.5 s ahead of the/);
});

test("a disk without room is a problem where the embedded database is on it, and else a warning", () => {
  const disk = { free: 5e7, size: 100 * GB };
  expect(judgeDisk("/home", disk, true)).toMatchObject({
    state: "problem",
    text: "50 MB of 100 GB are free for /home",
  });
  expect(judgeDisk("/home", disk, false).state).toBe("warning");
  expect(judgeDisk("/home", { ...disk, free: GB }, true).state).toBe("warning");
  expect(judgeDisk("/home", { ...disk, free: 3 * GB }, true).state).toBe("ok");
  expect(diskOf(`${__dirname}/not/there/yet`)).toEqual({ free: expect.any(Number), size: diskOf(__dirname).size });
});

describeOnPostgres("transactions", () => {
  test("one that is open for long is told of, wherever it is on the server, to who may see it", async () => {
    const server = await startPostgres();
    const databases = await Promise.all(
      [1, 2].map(async () => openDatabase({ databaseUrl: await server.newDatabase(), home: "/nowhere" })),
    );
    const [own, other] = await Promise.all(databases.map((database) => database.session()));
    await other!.query("begin");
    const { rows } = await other!.query<{ pid: number }>("select pg_backend_pid() as pid, pg_current_xact_id()");
    const { pid } = rows[0]!;
    const told = await eventually(
      () => checkTransactions(own!, 0),
      ({ text }) => text.startsWith(`Process ${pid} of PostgreSQL, in database "dqueue_test_`),
    );
    expect(told).toMatchObject({ state: "warning", todo: expect.stringContaining(`pg_terminate_backend(${pid})`) });
    // Others use the server too, but none of them for long.
    await eventually(
      () => checkTransactions(own!),
      ({ state }) => state === "ok",
    );
    await own!.query("set role pg_signal_backend");
    expect((await checkTransactions(own!, 0)).text).toContain("pg_read_all_stats");
    await Promise.all([own!, other!].map((session) => session.close()));
    await Promise.all(databases.map((database) => database.close()));
    await server.stop();
  });
});

describe("access", () => {
  const keys = (usable: number) => ({ embedded: false, query: () => Promise.resolve({ rows: [], rowCount: usable }) });
  const access = (given: Record<string, string>, usable = 0) => checkAccess(keys(usable) as never, settings(given));

  test("a web server that others reach and nobody has a key for is a problem", async () => {
    expect(await access({ HOST: "0.0.0.0" })).toMatchObject({
      ...{ state: "problem", text: expect.stringMatching(/HOST is "0\.0\.0\.0".*dqueue keys create/) },
    });
    expect((await access({ HOST: "0.0.0.0" }, 1)).state).toBe("ok");
    expect((await access({ DQUEUE_AUTH: "required" })).state).toBe("problem");
  });

  test("a web server that asks nobody is a warning where others reach it, also by a proxy here", async () => {
    expect(await access({})).toMatchObject({ state: "ok", text: expect.stringContaining("only this machine") });
    expect((await access({ HOST: "0.0.0.0", DQUEUE_INSECURE: "true" })).state).toBe("warning");
    expect((await access({ DQUEUE_ALLOWED_HOSTS: "jobs.example.com" })).state).toBe("warning");
  });
});

test("versions of Node that dqueue does not run on are a problem", () => {
  const states = ["20.18.0", "20.19.0", "21.0.0", "22.11.0", "22.12.1", "23.1.0", "24.0.0", "26.1.0"].map(
    (version) => checkNode(version).state,
  );
  expect(states).toEqual(["problem", "ok", "problem", "problem", "ok", "problem", "ok", "ok"]);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_500, "1.5 kB"],
  [134_217_728, "134 MB"],
  [2e13, "20 TB"],
])("%d bytes read %s", (bytes, text) => {
  expect(room(bytes)).toBe(text);
});

test("a broker whose certificate is of an unknown authority is told from one that is not there", async () => {
  const pem = readFileSync("test/services/self-signed.pem");
  const server = createServer({ key: pem, cert: pem }).on("tlsClientError", () => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `amqps://guest:guest@127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await checkBroker(settings({ AMQP_URL: url }))).toMatchObject({
    ...{ state: "problem", text: expect.stringContaining("self-signed certificate") },
    todo: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
  await new Promise((closed) => server.close(closed));
  expect((await checkBroker(settings({ AMQP_URL: url }))).todo).toContain("AMQP_URL");
});

describe("the settings that are given", () => {
  test("are named, without their values", () => {
    const found = checkSettings(settings({ PORT: "5000", DATABASE_URL: "postgres://me:hunter2@db/x" }));
    expect(found).toEqual({ check: "settings", state: "ok", text: "given are DATABASE_URL, PORT" });
    expect(checkSettings(settings())).toMatchObject({ state: "ok", text: "none is given" });
  });

  test("a variable that may be meant to be one is warned of", () => {
    expect(checkSettings(settings({ RETENTION_DAY: "7" }))).toMatchObject({
      ...{ state: "warning", todo: expect.stringMatching(/^RETENTION_DAY .* If RETENTION_DAYS is meant, correct it/) },
    });
  });
});
