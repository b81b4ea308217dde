import { filterOf, readFilter, readToken, readTokens, writeTokens } from "../../client/filter-text";

const NOW = Date.UTC(2025, 10, 25, 14, 0, 0);
const asked = (q: string) => filterOf(readTokens(q), NOW);

test("each part of a filter becomes what the server is asked for", () => {
  expect(
    asked('status:failure,started job:fx_* -job:fx_test tag:team=core tag:note="a b" -by:api error:Upstream*'),
  ).toEqual({
    status: ["FAILURE", "STARTED"],
    job: ["fx_*", "-fx_test"],
    tag: ["team:core", "note:a b"],
    by: ["-api"],
    error: ["Upstream*"],
  });
  expect(asked("created:1h duration>30s")).toEqual({
    created_after: "2025-11-25T13:00:00.000Z",
    longer_than_ms: 30_000,
  });
  expect(asked("created:2025-11-25T13:00:00Z..2025-11-25T13:30:00Z duration<5m")).toEqual({
    created_after: "2025-11-25T13:00:00Z",
    created_before: "2025-11-25T13:30:00Z",
    shorter_than_ms: 300_000,
  });
});

test("a word alone is an id, a status or a part of a job's name", () => {
  expect(asked("0198F3C2-7d41")).toEqual({ id: ["0198f3c2-7d41"] });
  expect(asked("failure")).toEqual({ status: ["FAILURE"] });
  expect(asked("ledger")).toEqual({ job: ["*ledger*"] });
});

test("what is no filter is none", () => {
  for (const word of [
    "status:nope",
    "tag:team",
    "duration>fast",
    "created:yesterday",
    "id:xyz",
    "status:",
    "-",
    "stauts:failure",
  ])
    expect([word, readToken(word)]).toEqual([word, null]);
});

test("a filter reads as it was written", () => {
  for (const q of [
    'status:failure,canceled -job:fx_*,a tag:"note=a b" created:7d duration>30s id:0198f3c2',
    "by:sensor:nightly",
  ])
    expect(writeTokens(readTokens(q))).toBe(q);
});

test("a filter that has to be understood whole names the part that is none, and what may stand there", () => {
  expect(readFilter("job:fx_* -status:success")).toEqual({ job: ["fx_*"], status: ["-SUCCESS"] });
  for (const [q, said] of [
    ["job:fx_* -status:nope", '"-status:nope" is no filter: status is one of queued, starting, started, '],
    ["duration=30s", '"duration=30s" is no filter: it can be about status, job, tag, '],
    ["duration>fast", '"duration>fast" is no filter: duration is compared with a time'],
    ["stauts:failure", '"stauts:failure" is no filter: it can be about status, job, tag, by, created, '],
  ] as const)
    expect(() => readFilter(q)).toThrow(said);
});
