import type { Deployment } from "../../client";
import { troubleOf } from "../../ui/pages/deployment/trouble";

test("an owner that does not answer, or whose event loop is late, is what a shard's tile warns of", () => {
  const owner = (more: object) => ({ up_seconds: 60, loop_p99_ms: 12, ...more }) as Deployment["nodes"][number];
  expect(troubleOf(owner({}))).toBeNull();
  expect(troubleOf(owner({ loop_p99_ms: null }))).toBeNull();
  expect(troubleOf(owner({ loop_p99_ms: 140 }))).toBe("140\u00a0ms late");
  expect(troubleOf(owner({ up_seconds: null, loop_p99_ms: null }))).toBe("does not answer");
  // One that is gone is told of otherwise.
  expect(troubleOf(undefined)).toBeNull();
});
