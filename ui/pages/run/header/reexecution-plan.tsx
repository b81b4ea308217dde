import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError, type ReexecuteOptions, type ReexecutionPlan } from "../../../../client";
import { api } from "../../../data/client";
import { count, counted } from "../../../parts/format";

/** A plan is asked for once typing rests. */
const REST_MS = 250;
/** So many ops are named; the others are counted. */
const NAMED = 8;

interface Planned {
  plan: ReexecutionPlan | undefined;
  /** Why the re-execution would be refused; null: it would not, or that is not known. */
  refused: ApiError | null;
}

/** What a re-execution would do. @param how null: it cannot be asked for, the text is no config. */
export const usePlan = (run: string, how: ReexecuteOptions | null): Planned => {
  const asked = how && JSON.stringify(how);
  const [settled, settle] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => settle(asked), REST_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const { data, error } = useQuery({
    queryKey: ["reexecution", run, settled],
    queryFn: () => api.runs.validateReexecution(run, JSON.parse(settled!) as ReexecuteOptions),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 ? error : null;
  return { plan: refused ? undefined : data, refused: settled === asked ? refused : null };
};

/** Which ops run again, what is kept, and what of the config is changed for nothing. */
export const Plan = ({ again, kept, idle_config: idle }: ReexecutionPlan): ReactNode => (
  <div className="rplan small" role="status">
    <p>
      Runs again:{" "}
      {again.slice(0, NAMED).map(({ node, steps }, i) => (
        <span key={node}>
          {i > 0 && ", "}
          <span className="mono">{node}</span>
          {steps !== null && steps > 1 && ` × ${count(steps)}`}
        </span>
      ))}
      {again.length > NAMED && ` and ${counted(again.length - NAMED, "other op")}`}.{" "}
      {kept > 0 && `${counted(kept, "step")} ${kept === 1 ? "keeps its result" : "keep their results"}.`}
    </p>
    {idle.map(({ key, nodes }) => (
      <p key={key} className="t-retry">
        <span className="mono">{key}</span> was changed, but acts only in{" "}
        <span className="mono">{nodes.join(", ")}</span>, of which nothing runs again.
      </p>
    ))}
  </div>
);
