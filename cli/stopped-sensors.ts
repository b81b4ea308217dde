import type { SensorSummary } from "../client";

const NAMED = 5;

/** Says which sensors are STOPPED, as each is until it is started; null: none is. */
export const stoppedSensors = (sensors: readonly Pick<SensorSummary, "name" | "status">[]): string | null => {
  const names = sensors.filter(({ status }) => status === "STOPPED").map(({ name }) => name);
  if (names.length === 0) return null;
  const others = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const [subject, object] = names.length === 1 ? ["Sensor", "it"] : ["Sensors", "one"];
  const verb = names.length === 1 ? "is" : "are";
  const named = names.slice(0, NAMED).join(", ") + others;
  return `${subject} ${named} ${verb} STOPPED: \`dqueue sensors start ${names[0]}\` starts ${object}.`;
};
