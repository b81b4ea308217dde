import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { checkStorable, cutText, storableText } from "../../sdk/storable";

const circular: Record<string, unknown> = { a: [{}] };
(circular.a as unknown[])[0] = circular;
class Point {
  x = 1;
}
const throws = {
  get bad(): never {
    throw new Error("no");
  },
};

test.each<[string, unknown, string, RegExp]>([
  ["NaN", { a: [1, NaN] }, "/a/1", /\$\.a\[1\] is NaN/],
  ["-Infinity", -Infinity, "", /\$ is -Infinity/],
  ["a bigint", { n: 10n }, "/n", /\$\.n is of type bigint/],
  ["a symbol", [Symbol("x")], "/0", /symbol/],
  ["a function", { f: () => 1 }, "/f", /function/],
  ["a Map", { m: new Map([[1, 2]]) }, "/m", /\$\.m is of type Map/],
  ["a Set", new Set([1]), "", /Set/],
  ["a Buffer", { b: Buffer.from("x") }, "/b", /Buffer/],
  ["an ArrayBuffer", new ArrayBuffer(2), "", /ArrayBuffer/],
  ["a promise", Promise.resolve(1), "", /Promise/],
  ["an instance", { p: new Point() }, "/p", /Point/],
  ["an Error", new Error("x"), "", /Error/],
  ["a RegExp", /x/, "", /RegExp/],
  ["undefined in an array", [undefined], "/0", /undefined/],
  ["a hole in an array", [1, , 2], "/1", /undefined/],
  ["an invalid Date", { d: new Date(NaN) }, "/d", /invalid Date/],
  ["a circular object", circular, "/a/0", /\$\.a\[0\] is a circular reference/],
  ["a toJSON that throws", { t: { toJSON: () => { throw new Error("no"); } } }, "/t", /throws while it is read \(no\)/], // prettier-ignore
  ["a toJSON that gives a bigint", { t: { toJSON: () => 1n } }, "/t", /bigint/],
  ["a getter that throws", { deep: throws }, "/deep/bad", /throws while it is read \(no\)/],
  ["a NUL in a string", { k: "a\0b" }, "/k", /NUL/],
  ["a NUL in a key", { "k\0": 1 }, "/k\0", /NUL/],
  ["half a surrogate pair", ["\ud83d"], "/0", /surrogate/],
  ["symbol keys", { s: { [Symbol("x")]: 1 } }, "/s", /symbol keys/],
])("%s is refused with its path and type", (_what, value, pointer, message) => {
  expect(checkStorable(value)).toMatchObject({ ok: false, pointer, message: expect.stringMatching(message) });
});

test.each<[string, unknown, unknown]>([
  ["a Date", { at: new Date(0) }, { at: "1970-01-01T00:00:00.000Z" }],
  ["a URL", new URL("http://example.com/x"), "http://example.com/x"],
  ["an undefined property", { a: undefined, b: 1 }, { b: 1 }],
  ["-0", [-0], [0]],
  ["undefined itself", undefined, null],
  ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["an object of another realm", runInNewContext("({ a: [1, { b: 2 }] })"), { a: [1, { b: 2 }] }],
])("%s is converted, as documented", (_what, value, json) => {
  expect(JSON.parse(JSON.stringify((checkStorable(value) as { json: unknown }).json))).toEqual(json);
  expect(checkStorable(value).ok).toBe(true);
});

test("a value nested too deep is refused, not overflowed", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(checkStorable(deep)).toMatchObject({ ok: false, message: expect.stringMatching(/more than 500 levels/) });
});

test("whatever JSON can carry is passed as it is, and survives JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const checked = checkStorable(value);
      if (checked.ok) expect(JSON.parse(JSON.stringify(checked.json))).toEqual(JSON.parse(JSON.stringify(value)));
      // JSON itself carries NUL and half pairs; the database does not.
      else expect(checked.type).toMatch(/NUL|surrogate/);
    }),
  );
});

test("an accepted value is never a silently different one", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withMap: true,
        withSet: true,
        withDate: true,
        withTypedArray: true,
        withSparseArray: true,
      }),
      (value) => {
        const checked = checkStorable(value);
        if (!checked.ok) return;
        const back = JSON.parse(JSON.stringify(checked.json)) as unknown;
        expect(checkStorable(back)).toEqual({ ok: true, json: back });
        if (value !== undefined) expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      },
    ),
  );
});

test("text is made storable visibly, and cut with a word about it", () => {
  expect(storableText("a\0b\ud800c😀")).toBe("a␀b\uFFFDc😀");
  expect(cutText("é".repeat(10), 100)).toBe("é".repeat(10));
  const cut = cutText("é".repeat(1000), 500);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(500);
  expect(cut).toMatch(/^é+\n… cut: \d+ of 2000 bytes left out$/);
});
