import { SharedReads } from "../../services/http/shared-reads";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the same read, asked for by many in one turn, is one; another key is another", async () => {
  const shared = new SharedReads();
  let reads = 0;
  const read = async (): Promise<number> => ++reads;
  const answers = await Promise.all([shared.read("a", read), shared.read("a", read), shared.read("b", read)]);
  expect(answers).toEqual([1, 1, 2]);
  expect(await shared.read("a", read)).toBe(3);
});

test("a read that has begun is not joined: it may not see what the next one asks for", async () => {
  const shared = new SharedReads();
  let news = "old";
  let answer!: () => void;
  const slow = shared.read("a", async () => {
    const seen = news;
    await new Promise<void>((resolve) => (answer = resolve));
    return seen;
  });
  await turn();
  news = "new";
  const next = shared.read("a", async () => news);
  answer();
  expect([await slow, await next]).toEqual(["old", "new"]);
});

test("a read that fails fails for all who share it, and not for those who ask again", async () => {
  const shared = new SharedReads();
  const fail = (): Promise<never> => Promise.reject(new Error("away"));
  const results = await Promise.allSettled([shared.read("a", fail), shared.read("a", fail)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await shared.read("a", async () => "back")).toBe("back");
});
