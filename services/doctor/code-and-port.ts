import { counted } from "../../core/counted";
import { obstacleAt } from "../address";
import { type Code, CodeLocation } from "../code-location";
import { type Settings, urlOf } from "../settings";
import { type Finding, problem } from "./finding";

export const checkCode = async (settings: Settings): Promise<Finding> => {
  try {
    return judgeCode(settings, (await CodeLocation.load(settings)).code);
  } catch (error) {
    return problem("code", error);
  }
};

/** Code that was loaded. */
export const judgeCode = ({ jobs: folder }: Pick<Settings, "jobs">, { bundle, catalog, problems }: Code): Finding => {
  const [jobs, sensors] = [catalog.jobs.length, catalog.sensors.length];
  const text = `${folder}: ${counted(jobs, "job")}, ${counted(sensors, "sensor")}, version ${bundle.version}`;
  if (problems.length === 0) return { check: "code", state: "ok", text };
  return { check: "code", state: "warning", text, todo: problems.join(" ") };
};

export const checkPort = async (settings: Settings): Promise<Finding> => {
  const { host, port } = settings;
  const where = `${host}:${port}`;
  const obstacle = await obstacleAt({ host, port });
  if (obstacle === null) return { check: "port", state: "ok", text: `${where} is free` };
  if (await serverAnswers(settings)) return { check: "port", state: "ok", text: `a dqueue server answers on ${where}` };
  return { check: "port", state: "problem", text: `${where} cannot be used: ${obstacle.why}.`, todo: obstacle.todo };
};

/** Whether a dqueue server is where these settings would have one. */
export const serverAnswers = async ({ host, port }: Pick<Settings, "host" | "port">): Promise<boolean> => {
  try {
    const response = await fetch(`${urlOf(host, port)}/api/health`, { signal: AbortSignal.timeout(2_000) });
    return ((await response.json()) as { status?: string }).status === "ok";
  } catch {
    return false;
  }
};
