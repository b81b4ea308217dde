import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { follow, type Running } from "../cli/command";

export const ROOT = resolve(__dirname, "../..");

/** How a container differs from its image, in the words of Kubernetes: `command` replaces ENTRYPOINT, `args` CMD. */
export interface Container {
  command?: string[];
  args?: string[];
  env: Record<string, string>;
}

/** The image of the Dockerfile, laid out in a folder, whose containers are processes of this machine. */
export interface Image {
  readonly env: Readonly<Record<string, string>>;
  start(container: Container): Running;
  /** What HEALTHCHECK runs. */
  healthCheck(env: Container["env"]): Running;
  /** Makes it the image of a Dockerfile that begins with it, and copies in what is there already. */
  extend(dockerfile: string): void;
  remove(): Promise<void>;
}

type Instruction = readonly [name: string, rest: string];

/** The instructions of a Dockerfile's last stage, each on one line. */
const lastStage = (dockerfile: string): Instruction[] => {
  const lines = dockerfile
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const first = lines.findLastIndex((line) => line.startsWith("FROM "));
  return lines.slice(first).map((line) => {
    const [, name, rest] = /^\s*([A-Z]+)\s+(.*)$/.exec(line)!;
    return [name!, rest!.trim()];
  });
};

const all = (stage: Instruction[], wanted: string): string[] =>
  stage.filter(([name]) => name === wanted).map(([, rest]) => rest);

/** Where the folders of an image are in this layout. */
const layout = (root: string) => ({
  app: join(root, "app"),
  bin: join(root, "bin"),
  translate: (text: string) =>
    text.replaceAll("/app", join(root, "app")).replaceAll("/usr/local/bin", join(root, "bin")),
});

type Layout = ReturnType<typeof layout>;

/** Packages that are installed beside those of development; what a dependency stage installs. */
const productionPackages = (from: string): string[] =>
  execFileSync("npm", ["ls", "--omit=dev", "--all", "--parseable"], { cwd: from, encoding: "utf8" })
    .split("\n")
    .slice(1)
    .filter((path) => path !== "")
    .map((path) => path.slice(from.length + 1));

/** Hard links where the file system has them. `target` is the folder that they come into. */
const copy = (from: string, sources: string[], target: string): void => {
  mkdirSync(target, { recursive: true });
  if (spawnSync("cp", ["-al", ...sources, target], { cwd: from, stdio: "ignore" }).status === 0) return;
  execFileSync("cp", ["-a", ...sources, target], { cwd: from });
};

/** What `COPY . .` takes. */
const contextOf = (from: string): string[] => {
  const ignored = readFileSync(join(from, ".dockerignore"), "utf8").split("\n");
  return readdirSync(from).filter((name) => !ignored.includes(name));
};

const copyAll = (from: string, stage: Instruction[], { app }: Layout): void => {
  for (const rest of all(stage, "COPY")) {
    const paths = rest.split(/\s+/).filter((word) => !word.startsWith("--from="));
    const target = paths.pop()!;
    for (const source of paths.map((path) => path.replace(/^\/app\//, ""))) {
      if (source === ".") copy(from, contextOf(from), app);
      else if (target !== "./" && target !== source) throw new Error(`COPY of ${source} to ${target}: not known here.`);
      else if (source === "node_modules") copyPackages(from, app);
      else copy(from, [source], join(app, dirname(source)));
    }
  }
};

/** Nested packages come by themselves, with the one that they stand in. */
const copyPackages = (from: string, app: string): void => {
  const top = productionPackages(from).filter((path) => path.lastIndexOf("node_modules/") === 0);
  for (const folder of new Set(top.map((path) => dirname(path))))
    copy(
      from,
      top.filter((path) => dirname(path) === folder),
      join(app, folder),
    );
};

const ANYONE = { uid: 12_345, gid: 0 };

/** OpenShift gives a container any user, of group 0. Only root may start a process as another one. */
const anyone = (program: string): Partial<typeof ANYONE> => {
  if (process.getuid?.() !== 0) return {};
  return spawnSync(program, ["--version"], ANYONE).status === 0 ? ANYONE : {};
};

const environmentOf = (stage: Instruction[], { translate }: Layout): Record<string, string> =>
  Object.fromEntries(
    all(stage, "ENV").flatMap((rest) =>
      rest.split(/\s+/).map((pair) => {
        const [, name, value] = /^([^=]+)=(.*)$/.exec(pair)!;
        return [name!, translate(value!)];
      }),
    ),
  );

/**
 * Does what the last stage of a folder's Dockerfile does, but for the system's packages. Nothing in it can be written to
 * then, unless it is `writable`.
 */
export const assembleImage = (from = ROOT, { writable = false } = {}): Image => {
  const root = mkdtempSync(join(tmpdir(), "dqueue-image-"));
  chmodSync(root, 0o755);
  const place = layout(root);
  for (const folder of [place.app, place.bin]) mkdirSync(folder);
  const stage = lastStage(readFileSync(join(from, "Dockerfile"), "utf8"));
  copyAll(from, stage, place);
  const env = environmentOf(stage, place);
  const path = { PATH: [place.bin, dirname(process.execPath), process.env.PATH].join(delimiter) };
  const build = (instructions: Instruction[]): void => {
    for (const commands of all(instructions, "RUN").filter((text) => !text.startsWith("apt-get"))) {
      const text = place.translate(
        process.getuid?.() === 0 ? commands : commands.replace(/ch(own|grp) [^&]*/g, "true "),
      );
      execFileSync("sh", ["-ec", text], {
        ...{ cwd: place.app, env: { ...path, ...env } },
        stdio: ["ignore", "ignore", "pipe"],
      });
    }
    if (!writable) execFileSync("chmod", ["-R", "a-w", env.DQUEUE_HOME!]);
  };
  const release = () => execFileSync("chmod", ["-R", "u+w", env.DQUEUE_HOME!]);
  build(stage);
  const [entrypoint, cmd, health] = ["ENTRYPOINT", "CMD", "HEALTHCHECK"].map(
    (name) => JSON.parse(/\[.*\]$/.exec(all(stage, name)[0]!)![0]) as string[],
  ) as [string[], string[], string[]];

  const started: Running[] = [];
  const run = (words: string[], own: Container["env"]): Running => {
    // A package of the image's system, which only passes signals on.
    const [program, ...args] = words[0] === "/usr/bin/tini" && !existsSync(words[0]) ? words.slice(2) : words;
    const options = { ...anyone(process.execPath), cwd: place.app, env: { ...path, ...env, ...own } };
    const running = follow(spawn(program!, args, { ...options, stdio: ["ignore", "pipe", "pipe"] }));
    started.push(running);
    return running;
  };
  return {
    env,
    start: ({ command = entrypoint, args, env: own }) =>
      run([...command, ...(args ?? (command === entrypoint ? cmd : []))], own),
    healthCheck: (own) => run(health, own),
    extend: (dockerfile) => {
      release();
      build(lastStage(dockerfile));
    },
    remove: async () => {
      for (const { child } of started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(started.map((running) => running.ended()));
      release();
      rmSync(root, { recursive: true, force: true });
    },
  };
};
