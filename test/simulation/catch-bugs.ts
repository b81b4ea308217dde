import { PLANTED } from "./planted-bugs";
import { Schedule } from "./schedule";

/** Prints as JSON, by each bug's name, the first of so many seeds whose schedule catches it; null: none does. */
const main = async (seeds: number): Promise<void> => {
  const caught: Record<string, number | null> = {};
  for (const { name, bugs } of PLANTED) {
    caught[name] = null;
    for (let seed = 1; seed <= seeds && caught[name] === null; seed++) {
      if ((await new Schedule(seed, bugs, false).run()).violations.length > 0) caught[name] = seed;
    }
  }
  console.log(JSON.stringify(caught));
};

void main(Number(process.argv[2]));
