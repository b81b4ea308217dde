import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Run } from "../../../../client";
import { runQuery } from "../../../data/queries";
import { Problem, SkeletonRows, Soon } from "../../../parts/states";
import { useRunSteps } from "../steps/run-steps";
import type { Steps } from "../steps/steps";
import { Timeline } from "./timeline";
import "./timeline.css";

/** When each step ran, of what it consisted, and what it waited for. */
export default function TimelineTab({ runId }: { runId: string }): ReactNode {
  const { data: run } = useQuery(runQuery(runId));
  const { steps, error, version, reload } = useRunSteps();
  if (run && steps) return <Shown run={run} steps={steps} version={version} />;
  if (error) return <Problem title="The steps could not be loaded" error={error} retry={reload} />;
  return (
    <Soon>
      <div className="gtools" />
      <SkeletonRows />
    </Soon>
  );
}

const Shown = (props: { run: Run; steps: Steps; version: number }): ReactNode => <Timeline {...props} />;
