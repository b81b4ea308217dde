import { randomInt, randomUUID } from "node:crypto";

/** What three hexadecimal digits can say, in order. */
const THREE_DIGITS = Array.from({ length: 0x1000 }, (_, n) => n.toString(16).padStart(3, "0"));
const TURN = 0x100_0000;

/**
 * Ids of calls, which name their requests and spans: of the form of a UUID, random by process and counted within. One is
 * made for each step, and a random one costs as much as all the rest of a call.
 */
export const callIds = (): (() => string) => {
  const process = randomUUID().slice(0, 24);
  const of = (turn: number): string => process + turn.toString(16).padStart(6, "0");
  let turn = randomInt(TURN);
  let begin = of(turn);
  let next = 0;
  return () => {
    if (next === TURN) {
      next = 0;
      turn = (turn + 1) % TURN;
      begin = of(turn);
    }
    const id = begin + THREE_DIGITS[next >> 12]! + THREE_DIGITS[next & 0xfff]!;
    next++;
    return id;
  };
};
