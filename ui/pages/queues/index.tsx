import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function QueuesPage(): ReactNode {
  return (
    <Planned title="Queues and workers" icon="queues" command="dqueue queues">
      Every slot and every waiting step will be here; today, the terminal shows them.
    </Planned>
  );
}
