import { migrateDatabase, missingMigrations } from "../../services/offline";
import { readSettings } from "../../services/settings";
import { EXIT } from "../exit";
import { printJson, say } from "../print";

export const migrate = async ({ json, check }: { json?: true; check?: true }): Promise<number> => {
  const settings = readSettings();
  if (check) {
    const pending = await missingMigrations(settings);
    if (json) printJson({ pending });
    else if (pending.length === 0) say("The schema is up to date.");
    else say(`Waiting to be applied: ${pending.join(", ")}. Run \`dqueue migrate\`.`);
    return pending.length === 0 ? EXIT.ok : EXIT.failure;
  }
  const applied = await migrateDatabase(settings);
  if (json) printJson({ applied });
  else say(applied.length === 0 ? "The schema is up to date." : `Applied ${applied.join(", ")}.`);
  return EXIT.ok;
};
