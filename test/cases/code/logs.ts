import { job, op } from "dqueue";

const say = (count: number): void => {
  for (let i = 0; i < count; i++) console.log(`line ${i}`);
};
const spin = (): never => {
  for (;;);
};

const OPS = [
  op({ name: "many", run: () => say(300) }),
  op({
    name: "thrown",
    run: () => {
      say(3);
      throw new Error("no");
    },
  }),
  op({
    name: "timed_out",
    timeoutMs: 2_000,
    run: () => {
      say(3);
      spin();
    },
  }),
  op({
    name: "canceled",
    run: () => {
      say(3);
      spin();
    },
  }),
  op({
    name: "bare",
    run: () => {
      process.stdout.write("no newline");
    },
  }),
  op({
    name: "mixed",
    run: ({ log }) => {
      for (let i = 0; i < 100; i++) {
        console.error(`err ${i}`);
        log(`log ${i}`);
      }
    },
  }),
];

/** A job of one step for each op, of the op's name. */
export const jobs = OPS.map((one) => job(one.name, (g) => void g.call(one)));
