import { readToken, readTokens, statusesOf, writeTokens } from "../../client/filter-text";
import { toggleStatus, withToken } from "../../ui/pages/runs/filter";

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
