import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function ComparePage(): ReactNode {
  return (
    <Planned title="Comparison" icon="diff" command="dqueue runs show &lt;id&gt;">
      Two runs side by side, step by step, will be here; today, the terminal shows each of them.
    </Planned>
  );
}
