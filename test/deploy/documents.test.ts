import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHART, describeChart, Kubeconform, render } from "./chart";
import { composeFile } from "./compose-file";
import { pages } from "../docs/blocks";
import { blocksOf, commandsOf } from "./documents";
import { ROOT } from "./image";

const DOCUMENT = "docs/deployment.md";

test("every page names services and profiles of docker-compose.yml", () => {
  const { services } = composeFile();
  const profiles = Object.values(services).flatMap(({ profiles = [] }) => profiles);
  const commands = pages()
    .flatMap(commandsOf)
    .filter((command) => command.startsWith("docker compose"));
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) {
    const named = [...command.matchAll(/(?:--scale|exec) (\w+)/g)].map(([, name]) => name!);
    expect([command, named.filter((name) => !(name in services))]).toEqual([command, []]);
    const profile = /--profile (\w+)/.exec(command)?.[1];
    if (profile) expect(profiles).toContain(profile);
  }
});

describe(DOCUMENT, () => {
  test("names the ports that are open", () => {
    const open = Object.values(composeFile().services).flatMap(({ ports = [] }) =>
      ports.map((port) => port.split(":")[1]),
    );
    const [section] = /^## Docker Compose$.*?^## /ms.exec(readFileSync(join(ROOT, DOCUMENT), "utf8"))!;
    const named = [...section!.matchAll(/http:\/\/localhost:(\d+)/g)].map(([, port]) => port);
    expect(named.sort()).toEqual(open.sort());
  });

  describeChart("its commands and values for helm", () => {
    let kubeconform: Kubeconform;
    let folder: string;
    beforeAll(() => {
      kubeconform = new Kubeconform();
      folder = mkdtempSync(join(tmpdir(), "dqueue-values-"));
    });
    afterAll(() => {
      kubeconform.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const fileOf = (text: string): string => {
      const file = join(folder, /^# (\S+\.yaml)\n/.exec(text)?.[1] ?? "values.yaml");
      writeFileSync(file, text);
      return file;
    };

    test("values render objects that keep to the schemas", () => {
      const blocks = blocksOf(DOCUMENT, "yaml");
      expect(blocks).toHaveLength(4);
      for (const block of blocks) expect(kubeconform.flawsOf(render([fileOf(block)]))).toEqual([]);
    });

    test("commands render objects that keep to the schemas", () => {
      for (const block of blocksOf(DOCUMENT, "yaml")) fileOf(block);
      const installs = commandsOf(DOCUMENT).filter((command) => /^helm (install|upgrade)/.test(command));
      expect(installs).toHaveLength(4);
      for (const command of installs) {
        const [, options] = /^helm (?:install|upgrade --install) dqueue helm\/dqueue (.*)$/.exec(command)!;
        const words = options!.split(/\s+/).map((word) => (word.endsWith(".yaml") ? join(folder, word) : word));
        expect(kubeconform.flawsOf(render([], words, CHART))).toEqual([]);
      }
    });
  });
});
