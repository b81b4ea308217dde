import type { Command } from "commander";
import { JSON_FLAG, lazily, listOf } from "./command-parts";
import { ASKS, examples } from "./help";

/** The commands about API keys. */
export const addKeys = (program: Command): void => {
  const keys = program
    .command("keys")
    .description("make, list and revoke API keys, straight in the database or by the server that holds it")
    .addHelpText("after", examples(ASKS, "dqueue keys", "dqueue keys create --name ci --role launcher --expires 90d"));
  const load = () => import("./commands/keys.js");
  listOf(keys, "all API keys, newest first")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue keys list --json"))
    .action(lazily(load, "list"));
  keys
    .command("create")
    .description("make an API key, and print it: it is never shown again")
    .requiredOption("--name <name>", "of the person or program whose it is (required)")
    .requiredOption(
      "--role <role>",
      "viewer, launcher, operator or admin: each may do what those before it may (required)",
    )
    .option("--expires <time>", "after which it opens nothing, e.g. 90d, 12h; without it: never")
    .option("--if-none", "only where there is no key yet that opens")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples(
        ASKS,
        "export DQUEUE_API_KEY=$(dqueue keys create --name me --role admin)",
        "dqueue keys create --name ci --role launcher --expires 90d --json",
      ),
    )
    .action(lazily(load, "create"));
  keys
    .command("revoke")
    .description("end an API key: it opens nothing from now on")
    .argument("<id>", "what stands before the dot of the key")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue keys revoke dq_0123456789abcdef"))
    .action(lazily(load, "revoke"));
};
