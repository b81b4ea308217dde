import type { ReactNode } from "react";
import { SkeletonRows } from "../../../parts/states";

export default function TimelineTab({ runId }: { runId: string }): ReactNode {
  return <SkeletonRows key={runId} />;
}
