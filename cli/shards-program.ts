import type { Command } from "commander";
import { JSON_FLAG, lazily, listOf } from "./command-parts";
import { ASKS, examples } from "./help";

/** The commands about the shards of the runs. */
export const addShards = (program: Command): void => {
  const shards = program
    .command("shards")
    .description("list the shards of the runs, and hand one over to another daemon")
    .addHelpText("after", examples(ASKS, "dqueue shards", "dqueue shards hand-over 5"));
  const load = () => import("./commands/shards.js");
  listOf(shards, "all shards, with who owns them since when")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue shards list --json"))
    .action(lazily(load, "list"));
  shards
    .command("hand-over")
    .description("make the owner of a shard give it away: its runs go on there")
    .argument("<shard>", "number of the shard")
    .option("--to <node>", "to which daemon, as `dqueue shards` names it; without it: to the one that holds the fewest")
    .option(...JSON_FLAG)
    .addHelpText("after", examples(ASKS, "dqueue shards hand-over 5", "dqueue shards hand-over 5 --to host-71-5bb2ef"))
    .action(lazily(load, "handOver"));
};
