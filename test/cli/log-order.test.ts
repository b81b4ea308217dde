import type { LogLine } from "../../client";
import { inOrderOfTime } from "../../cli/log-order";

const line = (step: string, ms: number, text = `${step}${ms}`): LogLine => ({
  ...{ id: "1.0", attempt: 1, stream: "stdout", level: "info", step, text },
  at: new Date(ms).toISOString(),
});
const order = async (
  lines: AsyncIterable<LogLine>,
  options: Parameters<typeof inOrderOfTime>[1],
): Promise<string[]> => {
  const texts: string[] = [];
  for await (const { text } of inOrderOfTime(lines, options)) texts.push(text);
  return texts;
};
async function* given(...lines: LogLine[]): AsyncGenerator<LogLine> {
  yield* lines;
}

test("lines of several steps, which come by the chunk, are ordered by time", async () => {
  const lines = [line("a", 10), line("a", 30), line("a", 50), line("b", 20), line("b", 40)];
  expect(await order(given(...lines), { live: false })).toEqual(["a10", "b20", "a30", "b40", "a50"]);
});

test("those of one step stay as it printed them, also of one instant and where clocks differ", async () => {
  const lines = [line("a", 30, "first"), line("a", 10, "second"), line("b", 20), line("a", 30, "third")];
  expect(await order(given(...lines), { live: false })).toEqual(["b20", "first", "second", "third"]);
});

test("of more lines than are held back, the earlier half goes first", async () => {
  const lines = [4, 2, 3, 1, 9, 8, 0].map((ms) => line(`s${ms}`, ms, String(ms)));
  expect(await order(given(...lines), { live: false, mostHeld: 4 })).toEqual(["1", "2", "3", "4", "0", "8", "9"]);
});

test("what is followed is not held back while nothing comes", async () => {
  let goOn!: () => void;
  const later = new Promise<void>((resolve) => (goOn = resolve));
  const followed = async function* (): AsyncGenerator<LogLine> {
    yield line("a", 20);
    yield line("b", 10);
    await later;
    yield line("c", 5);
  };
  const texts: string[] = [];
  for await (const { text } of inOrderOfTime(followed(), { live: true })) {
    texts.push(text);
    if (texts.length === 2) goOn();
  }
  expect(texts).toEqual(["b10", "a20", "c5"]);
});
