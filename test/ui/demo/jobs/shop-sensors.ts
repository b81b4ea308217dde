import { runRequest, sensor, skip } from "dqueue";
import { postLedger } from "./ledger";
import { monthClose } from "./month-close";
import { ingestOrders, others } from "./shop";

/** Each launches a run every so many ticks. */
export const shopSensors = [ingestOrders!, ...others].map((job, i) =>
  sensor({
    name: `${job.name}_sensor`,
    description: `Launches ${job.name} when there is something new`,
    job,
    minimumIntervalSeconds: 2 + (i % 3),
    defaultStatus: "RUNNING",
    evaluate: ({ cursor, setCursor }) => {
      const tick = Number(cursor ?? i) + 1;
      setCursor(String(tick));
      return tick % (5 + i) > 0 ? skip("nothing new") : runRequest({ runKey: `${job.name}:${tick}` });
    },
  }),
);

export const ledgerSensor = sensor({
  name: "post_ledger_sensor",
  description: "Launches post_ledger for each batch that the bank has delivered",
  job: postLedger,
  minimumIntervalSeconds: 3,
  defaultStatus: "RUNNING",
  evaluate: () => {
    throw new ReferenceError("lastBatch is not defined");
  },
});

export const monthEnd = sensor({
  name: "month_end_sensor",
  description: "Launches month_close on the first working day of a month",
  job: monthClose,
  minimumIntervalSeconds: 60,
  evaluate: () => skip("the month has not ended"),
});
