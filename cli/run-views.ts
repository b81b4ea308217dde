/** What the commands read of the API's answers. */
export interface RunView {
  id: string;
  job: string;
  status: string;
  priority: number;
  tags: Record<string, string>;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  failure_reason: string | null;
  steps_succeeded: number;
  steps_failed: number;
  steps_total: number;
  error?: { message?: string } | null;
}

export interface StepView {
  key: string;
  node: string;
  status: string;
  attempt: number;
  worker: string | null;
  started_at: string | null;
  ended_at: string | null;
  skip_reason: string | null;
  error: { name?: string; message?: string } | null;
}

export interface LogView {
  id: string;
  at: string;
  step: string;
  attempt: number;
  stream: string;
  level: string;
  text: string;
}

export const hasEnded = ({ status }: { status: string }): boolean =>
  status === "SUCCESS" || status === "FAILURE" || status === "CANCELED";

/** ms from its start to its end, or until now; null before it has started. */
export const tookMs = ({ started_at, ended_at }: Pick<RunView, "started_at" | "ended_at">): number | null => {
  if (started_at === null) return null;
  return (ended_at === null ? Date.now() : Date.parse(ended_at)) - Date.parse(started_at);
};
