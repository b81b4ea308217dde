import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function JobPage(): ReactNode {
  return (
    <Planned title="Job" icon="jobs" command="dqueue jobs show &lt;name&gt;">
      A job&apos;s runs, config and graph will be here; today, the terminal shows them.
    </Planned>
  );
}
