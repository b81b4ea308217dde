import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function BackfillsPage(): ReactNode {
  return (
    <Planned
      title="Backfills"
      icon="backfills"
      command="dqueue run &lt;job&gt; --config @day.json --tag day=2025-11-25"
    >
      Runs over many partitions will be planned and followed here; today, launch a run for each.
    </Planned>
  );
}
