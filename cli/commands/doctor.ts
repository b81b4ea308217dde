import { diagnose } from "../../services/doctor/diagnose";
import type { Finding } from "../../services/doctor/finding";
import { readSettings } from "../../services/settings";
import { colours } from "../colours";
import { EXIT } from "../exit";
import { printJson, say } from "../print";

const MARKS = { ok: colours.green("✓"), warning: colours.yellow("!"), problem: colours.red("✗") };

export const doctor = async ({ json }: { json?: true }): Promise<number> => {
  const findings: Finding[] = [];
  for await (const finding of diagnose(readSettings())) {
    findings.push(finding);
    if (json) continue;
    say(`${MARKS[finding.state]} ${finding.check}: ${finding.text}`);
    if (finding.todo) say(`    ${finding.todo}`);
  }
  const ok = findings.every(({ state }) => state !== "problem");
  if (json) printJson({ ok, findings });
  return ok ? EXIT.ok : EXIT.failure;
};
