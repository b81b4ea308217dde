import { ValueCache } from "../../coordinator/value-cache";

const key = (run: string, output = "result") => ({ run, step: "s", output });

test("what a run has reported is forgotten with it, and nothing else", () => {
  const cache = new ValueCache();
  cache.put(key("a"), { value: 1 });
  cache.put(key("b"), { value: 2 });
  cache.forget("a");
  expect([cache.get(key("a")), cache.get(key("b"))]).toEqual([undefined, { value: 2 }]);
});

test("the first value of an item stands", () => {
  const cache = new ValueCache();
  const item = { run: "a", step: "s", item: "k" };
  cache.put(item, { value: "first" });
  cache.put(item, { value: "second" });
  expect(cache.get(item)).toEqual({ value: "first" });
});

test("where it is full, the oldest run makes room", () => {
  const cache = new ValueCache();
  const large = { value: "x".repeat(1024 * 1024) };
  for (let i = 0; i < 40; i++) cache.put(key(`run-${i % 4}`, `output-${i}`), large);
  expect(cache.get(key("run-0", "output-0"))).toBeUndefined();
  expect(cache.get(key("run-3", "output-39"))).toEqual(large);
});
