import type { Command } from "commander";

/** What each command's module exports per command: it resolves with the exit code. Modules are loaded when called. */
type Act = (...given: never[]) => Promise<number>;

export const lazily =
  <Name extends string>(load: () => Promise<Record<Name, Act>>, name: Name) =>
  async (...given: unknown[]): Promise<void> => {
    const act = (await load())[name] as (...args: unknown[]) => Promise<number>;
    process.exitCode = await act(...given);
  };

export const JSON_FLAG = ["--json", "print exactly one JSON document on stdout"] as const;

/** What a group of commands does by itself: words behind it would be a misspelt command. */
export const listOf = (group: Command, about: string): Command =>
  group
    .command("list", { isDefault: true })
    .description(`${about}; what \`dqueue ${group.name()}\` does by itself`)
    .usage("[options]")
    .argument("[words...]");
