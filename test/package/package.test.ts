import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assembleImage, ROOT } from "../deploy/image";
import { freePort } from "../support/free-port";
import { describeWithRegistry } from "../support/registry";
import { type Installed, installPackage } from "./installed";

jest.setTimeout(240_000);

const SOURCES = ["consumer.mts", "consumer.cts"];
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

describeWithRegistry("the package, packed and installed elsewhere", () => {
  let installed: Installed;
  let project: string;
  let written: { folder: string; name: string; files: string[]; next: string[] };

  beforeAll(async () => {
    installed = await installPackage();
    const init = ["dqueue", "init", "my-project", "--json"];
    const { code, stdout, stderr } = await installed.run(installed.folder, "npx", ...init);
    if (code !== 0) throw new Error(stderr + stdout);
    written = JSON.parse(stdout);
    project = join(installed.folder, "my-project");
  });
  afterAll(() => installed?.remove());

  describe("its tarball", () => {
    test("holds what runs, what describes it and the template, and nothing else", () => {
      const root = join(installed.folder, "node_modules", "dqueue");
      // npm puts packages of its own into it.
      const shipped = readdirSync(root).filter((name) => name !== "node_modules");
      expect(shipped.sort()).toEqual(["LICENSE", "README.md", "dist", "init", "package.json", "store"]);
      expect(readdirSync(join(root, "store"))).toEqual(["migrations"]);
      const config = ["moleculer.config.d.ts", "moleculer.config.js", "moleculer.config.js.map"];
      const floors = ["bus", "cli", "client", "coordinator", "core", "runtime", "sdk", "sensors", "services", "store"];
      expect(readdirSync(join(root, "dist")).sort()).toEqual([...floors, ...config, "testing", "ui", "worker"].sort());
      // What draws the API's reference is no dependency: it comes with the build.
      expect(readdirSync(join(root, "dist", "ui", "api-docs"))).toContain("swagger-ui-bundle.js");
    });
  });

  describe("dqueue init", () => {
    test("writes a project and says what it wrote and what to do next", () => {
      expect(written).toEqual({
        folder: project,
        name: "my-project",
        files: [
          ".dockerignore",
          "Dockerfile",
          "README.md",
          ".gitignore",
          "inbox/monday.csv",
          "jobs/orders.ts",
          "jobs/sensors.ts",
          "package.json",
          "test/orders.test.ts",
          "tsconfig.json",
          installed.tarball,
        ],
        next: ["cd my-project", "npm install", "npm test", "npm start"],
      });
      for (const file of written.files) expect(existsSync(join(project, file))).toBe(true);
    });

    test("the project gets dqueue from the file that this one came from", () => {
      expect(manifestOf(project).dependencies).toEqual({ dqueue: `file:${installed.tarball}` });
    });

    test("the project's tools are those that dqueue itself is tested with", () => {
      const { devDependencies } = manifestOf(ROOT);
      expect(devDependencies).toMatchObject(manifestOf(project).devDependencies);
    });
  });

  describe("the project", () => {
    beforeAll(() => installed.installIn(project));

    test("npm test checks its types and passes", async () => {
      const { code, stdout } = await installed.run(project, "npm", "test");
      expect(stdout).toContain("# pass 3");
      expect(code).toBe(0);
    });

    test("types hold for modules of both kinds, and as a bundler resolves them; what is compiled runs", async () => {
      for (const kind of ["mts", "cts"])
        copyFileSync(join(__dirname, "consumer.ts"), join(project, `consumer.${kind}`));
      const tsc = (...options: string[]) =>
        installed.run(project, "npx", "tsc", "--ignoreConfig", "--strict", "--types", "node", ...options, ...SOURCES);
      const compiled = [
        tsc("--noEmit", "--module", "preserve", "--moduleResolution", "bundler"),
        tsc("--target", "es2022", "--module", "node16", "--moduleResolution", "node16"),
      ];
      for (const ended of await Promise.all(compiled)) expect(ended).toMatchObject({ code: 0, stdout: "" });
      const run = (program: string) => installed.run(project, "node", program);
      for (const ended of await Promise.all([run("consumer.mjs"), run("consumer.cjs")]))
        expect(ended).toEqual({
          code: 0,
          stderr: "",
          stdout: 'in process: SUCCESS 42\non a server: SUCCESS {"orders":3,"total":4.9}\n',
        });
    });

    test("npm start serves, and its sensor launches a run that succeeds", async () => {
      const start = installed.start(project, "npm", "start");
      await start.printed(/dqueue is at http:\S+/);
      await start.printed(/✓ price_orders SUCCESS/);
      process.kill(-start.child.pid!, "SIGTERM");
      await start.ended();
    });

    test("its image holds the bundle of its jobs, starts and gets healthy", async () => {
      const image = assembleImage(project, { writable: true });
      const env = { METRICS_PORT: `${await freePort()}`, PORT: `${await freePort()}` };
      try {
        const container = image.start({ args: ["dev", "--insecure"], env });
        await container.printed(/dqueue is at http:\S+/);
        expect(await image.healthCheck(env).ended()).toMatchObject({ code: 0 });
        container.child.kill("SIGTERM");
        expect(await container.ended()).toMatchObject({ code: 0 });
      } finally {
        await image.remove();
      }
    });
  });
});
