import { freePort } from "../support/free-port";
import { type Running, type Workspace, workspace } from "./command";
import { JOBS } from "./jobs";

let place: Workspace;
let dev: Running;
beforeAll(async () => {
  place = workspace({ PORT: String(await freePort()), DQUEUE_PROCESSES: "1", LOG_FORMAT: "json" });
  place.write("jobs/jobs.ts", JOBS);
});
afterAll(() => place?.remove());

const json = async (...args: string[]): Promise<any> => JSON.parse((await place.run(...args, "--json")).stdout);
const withKey = async <T>(key: string | undefined, act: () => Promise<T>): Promise<T> => {
  if (key === undefined) delete place.env.DQUEUE_API_KEY;
  else place.env.DQUEUE_API_KEY = key;
  try {
    return await act();
  } finally {
    delete place.env.DQUEUE_API_KEY;
  }
};
let admin: string;

describe("where other machines reach the web server, and nobody could sign in", () => {
  afterAll(() => delete place.env.HOST);

  test("it does not start, and says on one line how to make a key", async () => {
    place.env.HOST = "0.0.0.0";
    const { code, stderr } = await place.run("dev");
    expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      'dqueue: HOST is "0.0.0.0", which others reach, and there is no API key to sign in with. Create one: ' +
        "`dqueue keys create --name me --role admin`. Where something in front asks who they are, start with --insecure.",
    ]);
  });

  test("it starts with --insecure, and warns that it asks nobody", async () => {
    dev = place.start("dev", "--insecure");
    await dev.printed(/dqueue is at/);
    expect(dev.text()).toContain("This web server asks nobody who they are");
    expect((await place.run("runs")).code).toBe(0);
    const response = await fetch(`http://127.0.0.1:${place.env.PORT}/api/deployment`);
    const { settings }: any = await response.json();
    expect(settings.find(({ name }: any) => name === "DQUEUE_INSECURE").values).toMatchObject([
      { value: "true", origin: "flag" },
    ]);
    dev.child.kill("SIGTERM");
    await dev.ended();
  });

  test("--insecure where a key is required is a contradiction", async () => {
    place.env.DQUEUE_AUTH = "required";
    const { code, stderr } = await place.run("dev", "--insecure");
    expect([code, stderr]).toEqual([2, expect.stringContaining("Remove one of them")]);
  });
});

describe("dqueue keys", () => {
  test("a key is made straight in the database, and stdout is the key alone", async () => {
    const { code, stdout, stderr } = await place.run("keys", "create", "--name", "me", "--role", "admin");
    admin = stdout.trim();
    expect([code, admin]).toEqual([0, expect.stringMatching(/^dq_[0-9a-f]{16}\.[A-Za-z0-9_-]{43}$/)]);
    expect(stderr).toMatch(/^This key of me \(admin\) does not expire\. It is not shown again\./);
    expect(await json("keys", "create", "--name", "x", "--role", "admin", "--if-none")).toEqual({ key: null });
  });

  test("the server starts with it, and a command without a key is told so and ends with 5", async () => {
    dev = place.start("dev");
    await dev.printed(/dqueue is at/);
    const { code, stdout, stderr } = await place.run("runs", "--json");
    expect([code, JSON.parse(stdout).error.code]).toEqual([5, "UNAUTHENTICATED"]);
    expect(stderr).toBe(
      "dqueue: The request has no API key: send one as `Authorization: Bearer <key>`. `dqueue keys create` makes one. " +
        "This command takes it from DQUEUE_API_KEY.\n",
    );
    await withKey(admin, async () => expect((await place.run("runs")).code).toBe(0));
  });

  test("while a server holds the database it makes, lists and revokes keys, for admins", async () => {
    expect((await place.run("keys", "create", "--name", "x", "--role", "viewer")).code).toBe(5);
    await withKey(admin, async () => {
      const made = await json("keys", "create", "--name", "ci", "--role", "viewer", "--expires", "90d");
      const days = (Date.parse(made.expires_at) - Date.parse(made.created_at)) / 86_400_000;
      expect(Math.round(days)).toBe(90);
      const refused = await withKey(made.key, () => place.run("run", "doubles"));
      expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining("needs the role launcher")]);
      place.env.DQUEUE_API_KEY = admin;
      const { stdout } = await place.run("keys");
      expect(stdout).toMatch(new RegExp(`^KEY[^\\n]*\\n${made.id} +ci +viewer`));
      expect(stdout).not.toContain(made.key.split(".")[1]);
      expect((await place.run("keys", "revoke", made.id)).stdout).toBe(`${made.id} (ci) opens nothing any more.\n`);
      const gone = await withKey(made.key, () => place.run("runs"));
      expect([gone.code, gone.stderr]).toEqual([5, expect.stringMatching(/was revoked at .*Set DQUEUE_API_KEY/)]);
    });
  });

  test("the audit log has what was done on the database and by the server", async () => {
    const response = await fetch(`http://127.0.0.1:${place.env.PORT}/api/audit`, {
      headers: { authorization: `Bearer ${admin}` },
    });
    const { items }: any = await response.json();
    expect(items.map(({ actor_kind, action, outcome }: any) => [actor_kind, action, outcome])).toEqual([
      ...[
        ["key", "revokeKey", "OK"],
        ["key", "launchRun", "ROLE_TOO_LOW"],
        ["key", "createKey", "OK"],
        ["database", "createKey", "OK"],
      ],
    ]);
    expect(items.at(-1)).toMatchObject({ actor: expect.stringContaining("@"), result: `keys/${admin.split(".")[0]}` });
  });

  test("DQUEUE_ADMIN_KEY opens once a server has started with it, and stays revoked where it was", async () => {
    const own = `dq_${"a".repeat(16)}.${"b".repeat(43)}`;
    const restart = async (): Promise<void> => {
      dev.child.kill("SIGTERM");
      await dev.ended();
      dev = place.start("dev");
      await dev.printed(/dqueue is at/);
    };
    place.env.DQUEUE_ADMIN_KEY = own;
    await restart();
    expect((await place.run("keys")).stdout).toMatch(/dq_aaaaaaaaaaaaaaaa +DQUEUE_ADMIN_KEY +admin/);
    expect(dev.text()).not.toContain("bbbbbbbb");
    expect((await place.run("keys", "revoke", "dq_aaaaaaaaaaaaaaaa")).code).toBe(0);
    await restart();
    expect((await place.run("keys")).code).toBe(5);
    delete place.env.DQUEUE_ADMIN_KEY;
  });

  test.each([
    [["create", "--name", "x", "--role", "boss"], "--role must be viewer, launcher, operator, admin"],
    [["create", "--name", " ", "--role", "viewer"], "--name must be 1 to 100 characters"],
    [["create", "--name", "x", "--role", "viewer", "--expires", "soon"], "--expires must be hours, days or weeks"],
    [["create", "--role", "viewer"], "required option '--name <name>' not specified"],
    [["creat"], "Did you mean `dqueue keys create`?"],
  ])("%j is refused, with what is allowed", async (args, said) => {
    const { code, stderr } = await place.run("keys", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});
