import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function RunPage(): ReactNode {
  return (
    <Planned title="Run" icon="runs" command="dqueue runs show &lt;id&gt;">
      A run&apos;s timeline, events, logs and graph will be here; today, the terminal shows them.
    </Planned>
  );
}
