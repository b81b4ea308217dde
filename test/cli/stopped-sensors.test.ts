import { stoppedSensors } from "../../cli/stopped-sensors";

const stopped = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `s${i}`, status: "STOPPED" as const }));
const running = { name: "r", status: "RUNNING" as const };

test("stopped sensors are named, a few of them, with the command that starts one", () => {
  expect(stoppedSensors([running])).toBeNull();
  expect(stoppedSensors([running, ...stopped(1)])).toBe("Sensor s0 is STOPPED: `dqueue sensors start s0` starts it.");
  expect(stoppedSensors(stopped(7))).toBe(
    "Sensors s0, s1, s2, s3, s4 and 2 more are STOPPED: `dqueue sensors start s0` starts one.",
  );
});
