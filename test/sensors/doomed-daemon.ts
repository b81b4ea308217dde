/**
 * A daemon in a process of its own, to be killed: evaluates the sensor "batches", whose every tick asks for 200 runs
 * and counts itself in the cursor, up to LIMIT. Prints a line per committed tick.
 */
import { openDatabase } from "../../store/database";
import { SensorLoop } from "../../sensors/loop";
import { tickStore } from "../../services/sensor-store";

const main = async (): Promise<void> => {
  const { DATABASE, HOME_FOLDER, LIMIT } = process.env;
  const db = await openDatabase({ databaseUrl: DATABASE, home: HOME_FOLDER! });
  const loop = new SensorLoop({
    store: tickStore(db),
    owner: `doomed-${process.pid}`,
    leaseMs: 500,
    sensorNames: () => ["batches"],
    evaluate: (_name, { cursor }) => {
      const batch = Number(cursor ?? 0);
      if (batch >= Number(LIMIT)) return Promise.resolve({ runRequests: [], skipReason: "done" });
      const runRequests = Array.from({ length: 200 }, (_, n) => ({ runKey: `${batch}-${n}`, config: { n } }));
      return Promise.resolve({ runRequests, skipReason: null, cursor: String(batch + 1) });
    },
    log: { info: () => {}, warn: (line) => process.stderr.write(`${line}\n`) },
    ticked: (_sensor, { runIds }) => process.stdout.write(`ticked ${runIds.length}\n`),
  });
  loop.start();
};

void main();
