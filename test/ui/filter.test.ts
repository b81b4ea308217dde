import {
  filterOf,
  readToken,
  readTokens,
  statusesOf,
  toggleStatus,
  withToken,
  writeTokens,
} from "../../ui/pages/runs/filter";

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
  for (const word of ["status:nope", "tag:team", "duration>fast", "created:yesterday", "id:xyz", "status:", "-"])
    expect([word, readToken(word)]).toEqual([word, null]);
});

test("a filter reads as it was written", () => {
  for (const q of [
    'status:failure,canceled -job:fx_*,a tag:"note=a b" created:7d duration>30s id:0198f3c2',
    "by:sensor:nightly",
  ])
    expect(writeTokens(readTokens(q))).toBe(q);
});

test("values of a field gather; tags must all hold; a time takes the place of another", () => {
  const add = (q: string, word: string): string => writeTokens(withToken(readTokens(q), readToken(word)!));
  expect(add("status:failure", "status:started")).toBe("status:failure,started");
  expect(add("job:a", "-job:b")).toBe("job:a -job:b");
  expect(add("tag:a=1", "tag:b=2")).toBe("tag:a=1 tag:b=2");
  expect(add("created:1h", "created:7d")).toBe("created:7d");
});

test("a click on a status adds it or takes it away, with Alt it stands alone", () => {
  const toggle = (q: string, only = false): string => writeTokens(toggleStatus(readTokens(q), ["FAILURE"], only));
  expect(toggle("job:a")).toBe("job:a status:failure");
  expect(toggle("status:queued")).toBe("status:queued,failure");
  expect(toggle("status:queued,failure")).toBe("status:queued");
  expect(toggle("status:failure")).toBe("");
  expect(toggle("status:queued,failure", true)).toBe("status:failure");
  expect(toggle("status:failure", true)).toBe("");
});

test("which statuses fit", () => {
  expect(statusesOf(readTokens("job:a"))).toBeNull();
  expect(statusesOf(readTokens("-status:success"))).not.toContain("SUCCESS");
});
