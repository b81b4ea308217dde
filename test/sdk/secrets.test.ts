import { dynamic, executeInProcess, Failure, job, op, z } from "../../sdk";

const SECRET = 'planted "value"\nof two lines';
const reference = { $secret: "env:IN_PROCESS_SECRET" };
beforeAll(() => (process.env.IN_PROCESS_SECRET = SECRET));
afterAll(() => delete process.env.IN_PROCESS_SECRET);

const config = z.object({ token: z.string() });
const run1 = (definition: any, options = {}) =>
  executeInProcess(
    job("demo", (g) => void g.call(definition)),
    { config: { token: reference }, ...options },
  );

test("an op gets the secret that its config refers to, and nothing else that is told of the run holds it", async () => {
  const lengths: number[] = [];
  const tells = op({
    name: "tells",
    config,
    hooks: {
      onSuccess: ({ config: { token }, log }) => {
        log(token);
        throw new Error(token);
      },
    },
    run: ({ config: { token }, log, progress }) => {
      lengths.push(token.length);
      log(`token ${token}`, { token });
      progress(0.5, token);
      return token.length;
    },
  });
  const run = await run1(tells);
  expect(lengths).toEqual([SECRET.length]);
  expect(run.output("tells")).toBe(SECRET.length);
  expect(run.logs[0]).toMatchObject({ text: 'token *** {"token":"***"}' });
  expect(JSON.stringify(run)).not.toContain("planted");
});

test("a secret is masked in whatever is thrown: message, stack, code, metadata and causes", async () => {
  const fails = op({
    name: "fails",
    config,
    run: ({ config: { token } }) => {
      throw Object.assign(
        new Failure(`no ${token}`, { metadata: { [token]: [token] }, cause: new TypeError(token), retryable: false }),
        { code: token },
      );
    },
  });
  const { error } = (await run1(fails)).steps.fails!;
  expect(error).toMatchObject({
    message: "no ***",
    code: "***",
    metadata: { "***": ["***"] },
    cause: { message: "***" },
  });
  expect(JSON.stringify(error)).not.toContain("planted");
});

test("a fixed config and a job's default config may refer to secrets too, also within a sub-graph's calls", async () => {
  const length = op({ name: "length", config, out: z.number(), run: ({ config: { token } }) => token.length });
  const demo = job("demo", { defaultConfig: { token: reference } }, (g) => {
    g.call(length, undefined, { as: "fixed", config: { token: { $secret: "env:IN_PROCESS_SECRET" } } });
    g.call(length, undefined, { as: "given" });
  });
  expect((await executeInProcess(demo)).outputs).toEqual({ fixed: SECRET.length, given: SECRET.length });
});

test("a reference to what is not there fails the step after one try, and names variable and pointer", async () => {
  const never = op({ name: "never", config, retry: { maxRetries: 3 }, run: () => "not reached" });
  const { steps } = await run1(never, { config: { token: { $secret: "env:NOT_SET" } } });
  expect(steps.never).toMatchObject({
    status: "FAILURE",
    attempts: 1,
    error: {
      code: "SECRET_MISSING",
      message: expect.stringMatching(/at \/token: .*NOT_SET/),
      metadata: { pointer: "/token" },
    },
  });
});

test.each([
  ["an output", op({ name: "gives", config, run: ({ config: { token } }) => ({ a: [`<${token}>`] }) }), "/a/0"],
  [
    "an item",
    op({ name: "gives", config, out: dynamic(z.string()), async *run({ config: { token } }) { yield { key: "k", value: token }; } }),
    "",
  ],
])("%s that holds a secret fails its step in place of being stored", async (_what, gives, at) => {
  const run = await run1(gives);
  expect(run.steps.gives).toMatchObject({ status: "FAILURE", error: { code: "SECRET_IN_OUTPUT" } });
  expect(run.steps.gives!.error!.message).toContain(`secret env:IN_PROCESS_SECRET${at && ` at ${at}`}.`);
  expect(JSON.stringify(run)).not.toContain("planted");
}); // prettier-ignore

test("a definition refuses references where no text may stand", () => {
  const takes = op({
    name: "takes",
    config: z.object({ n: z.number(), url: z.url(), one: z.enum(["a"]) }),
    run: () => 1,
  });
  const fixed = (given: Record<string, unknown>) => () =>
    job("demo", (g) => void g.call(takes, undefined, { config: given as never }));
  expect(fixed({ url: reference })).not.toThrow();
  expect(fixed({ n: reference })).toThrow(/config\.n.*takes no reference to a secret/);
  expect(fixed({ one: reference })).toThrow(/config\.one.*takes no reference to a secret/);
  expect(fixed({ url: { $secret: "url" } })).toThrow(/config\.url.*must be {"\$secret": "env:NAME"}/);
});
