import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { MAIN, type Workspace, workspace } from "./command";

let place: Workspace;

beforeAll(() => {
  place = workspace();
});
afterAll(() => place.remove());

const read = (path: string): string => readFileSync(join(place.folder, path), "utf8");

describe("dqueue init", () => {
  test("writes a project that bears the folder's name, as npm allows it, and gets dqueue from this checkout", async () => {
    const { code, stdout } = await place.run("init", "jobs/My Jobs!");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote my-jobs into .*My Jobs!:\n {2}[^]*\n {2}jobs\/orders\.ts\n[^]*\n\nNext:\n/);
    expect(stdout).toMatch(/Next:\n {2}cd "jobs\/My Jobs!"\n {2}npm install\n {2}npm test\n {2}npm start\n$/);
    const { name, dependencies } = JSON.parse(read("jobs/My Jobs!/package.json"));
    expect(name).toBe("my-jobs");
    const checkout = relative(join(place.folder, "jobs/My Jobs!"), join(MAIN, "../../.."));
    expect(dependencies).toEqual({ dqueue: `file:${checkout}` });
    expect(read("jobs/My Jobs!/README.md")).toMatch(/^# my-jobs\n/);
    expect(read("jobs/My Jobs!/Dockerfile")).toContain("docker build -t my-jobs .");
    expect(read("jobs/My Jobs!/.gitignore")).toContain("node_modules/");
  });

  test("takes an empty folder, this one too, and says then nothing of going there", async () => {
    const here = workspace();
    const { code, stdout } = await here.run("init", ".", "--json");
    expect(code).toBe(0);
    const { folder, files, next } = JSON.parse(stdout);
    expect(folder).toBe(here.folder);
    expect(readdirSync(folder, { recursive: true })).toEqual(expect.arrayContaining(files));
    expect(next).toEqual(["npm install", "npm test", "npm start"]);
    await here.remove();
  });

  test("refuses a folder that is not empty, and a file, and writes nothing", async () => {
    place.write("used/notes.txt", "mine");
    const { code, stdout, stderr } = await place.run("init", "used", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "FOLDER_NOT_EMPTY",
        message: "used is not empty: it holds notes.txt. Nothing was written; name an empty or a new folder.",
      },
    });
    expect(stderr).toMatch(/^dqueue: used is not empty/);
    expect(readdirSync(join(place.folder, "used"))).toEqual(["notes.txt"]);

    expect(await place.run("init", "used/notes.txt", "--json")).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("NOT_A_FOLDER"),
    });
    expect(read("used/notes.txt")).toBe("mine");
  });

  test("wants to be told where", async () => {
    expect(await place.run("init")).toMatchObject({ code: 2, stderr: expect.stringContaining("folder") });
    expect((await place.run("init", "--help")).stdout).toContain("dqueue init my-project");
  });
});
