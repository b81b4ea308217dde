import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { dynamic, executeInProcess, folderIoManager, type IoManager, job, op, s3IoManager, stream, z } from "../../sdk";

let folder: string;
let server: S3rver;
let managers: Record<string, IoManager>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dqueue-io-"));
  server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: join(folder, "s3"),
    configureBuckets: [{ name: "values", configs: [] }],
  });
  const { port } = await server.run();
  managers = {
    folder: folderIoManager({ path: join(folder, "shared") }),
    s3: s3IoManager({
      endpoint: `http://127.0.0.1:${port}/`,
      bucket: "values",
      region: "us-east-1",
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
      prefix: "dq/",
    }),
  };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const context = { runId: "r1", stepKey: "a[ключ/1]", output: "result", mappingKey: null, fence: 7 };

describe.each(["folder", "s3"])("the %s IO manager", (which) => {
  test.each<[string, unknown]>([
    ["a JSON value", { a: [1, "é😀", null], at: "now" }],
    ["no bytes", Buffer.alloc(0)],
    ["5 MB of bytes", Buffer.alloc(5_000_000, "x\0y")],
  ])("gives back %s as it was", async (_what, value) => {
    const manager = managers[which]!;
    const handle = await manager.store(context, value);
    expect(JSON.stringify(handle).length).toBeLessThan(500);
    const back = await manager.load({ runId: "r1" }, JSON.parse(JSON.stringify(handle)));
    // toEqual takes seconds for 5 MB.
    if (Buffer.isBuffer(value)) expect(value.equals(back as Buffer)).toBe(true);
    else expect(back).toEqual(value);
  });

  test("keeps two executions, outputs and items of one step apart", async () => {
    const manager = managers[which]!;
    const contexts = [
      context,
      { ...context, fence: 8 },
      { ...context, output: "other" },
      { ...context, mappingKey: "k".repeat(200) },
      { ...context, mappingKey: "..", stepKey: ".." },
    ];
    const handles = await Promise.all(contexts.map((one, i) => manager.store(one, i)));
    expect(await Promise.all(handles.map((handle) => manager.load({ runId: "r1" }, handle)))).toEqual([0, 1, 2, 3, 4]);
  });

  test("refuses what JSON cannot carry, and says what it cannot find", async () => {
    await expect(managers[which]!.store(context, { m: new Map() })).rejects.toMatchObject({ code: "UNSTORABLE_VALUE" });
    await expect(
      managers[which]!.load({ runId: "r1" }, { key: "nowhere.json", form: "json", size: 1 }),
    ).rejects.toThrow(/nowhere\.json/);
  });

  test("carries a whole job: values, items, lists and streams", async () => {
    const ioManager = managers[which]!;
    const parts = op({
      name: "parts",
      out: dynamic(z.object({ bytes: z.string() })),
      ioManager,
      async *run() {
        for (let i = 0; i < 3; i++) yield { key: String(i), value: { bytes: String(i).repeat(1_000) } };
      },
    });
    const length = op({
      name: "length",
      in: z.object({ bytes: z.string() }),
      out: z.number(),
      ioManager,
      run: ({ input }) => input.bytes.length,
    });
    const total = op({
      name: "total",
      in: z.array(z.number()),
      out: z.number(),
      run: ({ input }) => input.reduce((a, b) => a + b),
    });
    const streamed = op({
      name: "streamed",
      in: stream(z.number()),
      run: async ({ input }) => {
        let sum = 0;
        for await (const one of input) sum += one;
        return sum;
      },
    });
    const big = op({ name: "big", out: z.instanceof(Uint8Array), ioManager, run: () => Buffer.from([1, 2, 3]) });
    const size = op({ name: "size", in: z.instanceof(Uint8Array), run: ({ input }) => [...input] });
    const run = await executeInProcess(
      job("managed", (g) => {
        const all = g.collect(g.map(g.call(parts), length));
        g.call(total, all);
        g.call(streamed, all);
        g.call(size, g.call(big));
      }),
    );
    expect(run.error).toBeNull();
    expect([run.output("total"), run.output("streamed"), run.output("size")]).toEqual([3_000, 3_000, [1, 2, 3]]);
    // What travels is the reference.
    expect(run.output("length[0]")).toMatchObject({ "dqueue/io": which });
  });
});

test("the folder IO manager reads nothing outside of its folder and leaves no half file", async () => {
  await expect(
    managers.folder!.load({ runId: "r1" }, { key: "../../etc/passwd", form: "bytes", size: 1 }),
  ).rejects.toMatchObject({ code: "BAD_IO_HANDLE" });
  const files = await readdir(join(folder, "shared"), { recursive: true });
  expect(files.filter((file) => file.endsWith(".part"))).toEqual([]);
});

test("the S3 IO manager says which bucket refused, and why", async () => {
  const address = server.httpServer.address();
  const wrong = s3IoManager({
    endpoint: `http://127.0.0.1:${address.port}`,
    bucket: "missing",
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
  });
  await expect(wrong.store(context, 1)).rejects.toMatchObject({
    code: "IO_MANAGER_FAILED",
    message: expect.stringMatching(/bucket missing: HTTP 404.*NoSuchBucket/s),
  });
});
