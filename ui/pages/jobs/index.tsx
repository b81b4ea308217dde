import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function JobsPage(): ReactNode {
  return (
    <Planned title="Jobs" icon="jobs" command="dqueue jobs list">
      All jobs with their last runs will be here; today, the terminal lists them.
    </Planned>
  );
}
