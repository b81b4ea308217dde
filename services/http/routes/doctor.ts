import type { ServiceBroker } from "moleculer";
import type { Finding } from "../../doctor/finding";
import { fresh } from "../fresh";
import { ok, type Route } from "../route";
import { answers } from "./replies";

interface Needs {
  readonly broker: ServiceBroker;
  readonly diagnose: () => Promise<Finding[]>;
}

/** It opens connections of its own: however many ask, it looks no more often. */
const LOOK_MS = 1_000;

/** What `dqueue doctor` does on the command line, of the web server that is asked. */
export const doctorRoute = ({ broker, diagnose }: Needs): Route => {
  const look = fresh(LOOK_MS, diagnose);
  return {
    method: "POST",
    path: "/api/doctor",
    operation: "runDoctor",
    tag: "cluster",
    role: "operator",
    summary: "Checks this web server's Node, disk, database and broker, and says what to do about what is wrong.",
    description:
      "As `dqueue doctor` does on the command line, by the database that the web server has open; of one that is a daemon or a " +
      "worker, too, with memory and code. Other processes stand elsewhere: `dqueue doctor` there tells of them.",
    replies: { 200: answers("Diagnosis", "What was found, also where something is wrong.") },
    handle: async () => {
      const findings = await look();
      return ok({
        node: broker.nodeID,
        ok: findings.every(({ state }) => state !== "problem"),
        findings: findings.map((finding) => ({ ...finding, todo: finding.todo ?? null })),
      });
    },
  };
};
