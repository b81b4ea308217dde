import { createHash } from "node:crypto";
import { dynamic, job, op, sensor, skip, z } from "dqueue";

/** What `produce` fills a JSON text of so many bytes with. */
const ALPHABETS = { ascii: "a", accents: "é", emoji: "😀" } as const;

const filled = (bytes: number, alphabet: keyof typeof ALPHABETS): string => {
  const letter = ALPHABETS[alphabet];
  const inside = bytes - 2; // The quotes.
  const size = Buffer.byteLength(letter);
  return letter.repeat(Math.floor(inside / size)) + "x".repeat(inside % size);
};

const produce = op({
  name: "produce",
  config: z.object({ bytes: z.number().int(), alphabet: z.enum(["ascii", "accents", "emoji"]) }),
  run: ({ config }) => filled(config.bytes, config.alphabet),
});
const lists = op({
  name: "lists",
  run: () => Array.from({ length: 1_000 }, (_, row) => Array.from({ length: 100 }, (_, column) => row * 100 + column)),
});
const measure = op({
  name: "measure",
  in: z.unknown(),
  run: ({ input }) => {
    const text = JSON.stringify(input);
    return { bytes: Buffer.byteLength(text), sha256: createHash("sha256").update(text).digest("hex") };
  },
});

const numbers = op({
  name: "numbers",
  config: z.object({ n: z.number().int() }),
  out: dynamic(z.number()),
  async *run({ config: { n } }) {
    for (let i = 0; i < n; i++) yield { key: `n${i}`, value: i };
  },
});
const heavy = op({
  name: "heavy",
  in: z.number(),
  run: ({ input }) => String(input).padEnd(200_000, "é"),
});
const heads = op({
  name: "heads",
  in: z.array(z.string()),
  run: ({ input }) => input.map((text) => [text.replace(/é+$/, ""), text.length]),
});

/** A class of the author's, as results often are. */
class Point {
  constructor(readonly x: number) {}
}
const circular = (): object => {
  const value: { inner: Record<string, unknown> } = { inner: {} };
  value.inner.back = value;
  return value;
};
const ODD: Record<string, () => unknown> = {
  nan: () => ({ x: NaN }),
  infinity: () => [1, -Infinity],
  undefined_property: () => ({ a: undefined, b: 1 }),
  bigint: () => ({ x: 10n }),
  date: () => ({ x: new Date(Date.UTC(2027, 0, 2, 3, 4, 5)) }),
  symbol: () => ({ x: Symbol("s") }),
  function: () => ({ x: () => 1 }),
  map: () => ({ x: new Map([["a", 1]]) }),
  buffer: () => ({ x: Buffer.from("abc") }),
  circular,
  throwing: () => ({
    x: {
      toJSON: () => {
        throw new Error("not to be written");
      },
    },
  }),
  instance: () => ({ x: new Point(1) }),
  nothing: () => undefined,
};
const odd = op({
  name: "odd",
  config: z.object({ kind: z.string() }),
  retry: { maxRetries: 3, delayMs: 10 },
  run: ({ config }): unknown => ODD[config.kind]!(),
});
const echo = op({ name: "echo", in: z.unknown(), run: ({ input }) => input });
const echoConfig = op({
  name: "echo_config",
  config: z.object({ text: z.string(), folder: z.string().optional() }),
  run: ({ config }) => config.text,
});
const same = op({ name: "same", in: z.number(), run: ({ input }) => input });

/** Step 100 logs and returns a NUL, step 101 throws one; all others say two lines. */
const tainted = op({
  name: "tainted",
  in: z.number(),
  run: ({ input, log }): unknown => {
    log(`first ${input}`);
    if (input === 100) {
      log("a\u0000b");
      return { "k\u0000": "v\u0000" };
    }
    if (input === 101) throw new Error("x\u0000y");
    console.log(`second ${input}`);
    return input;
  },
});

const texts = job("texts", (g) => void g.call(echoConfig));

/** What its name says holds a NUL, once its cursor is "nul"; else it is sound. */
const tainting = (name: string, taint: (setCursor: (cursor: string) => void) => ReturnType<typeof skip> | void) =>
  sensor({
    name,
    job: texts,
    minimumIntervalSeconds: 0.2,
    evaluate: ({ cursor, setCursor }) => (cursor === "nul" ? taint(setCursor) : skip("sound")),
  });

export const sensors = [
  tainting("nul_reason", () => skip("a\u0000b")),
  tainting("nul_cursor", (setCursor) => setCursor("c\u0000d")),
];

export const jobs = [
  job("sized", (g) => void g.call(measure, g.call(produce))),
  job("listed", (g) => void g.call(measure, g.call(lists))),
  job("collected", (g) => void g.call(heads, g.collect(g.map(g.call(numbers), heavy)))),
  job("odd", (g) => void g.call(echo, g.call(odd))),
  job("tainted", (g) => void g.map(g.call(numbers), tainted)),
  job("wide", (g) => void g.map(g.call(numbers), same)),
  texts,
];
