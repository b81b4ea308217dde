import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function SensorsPage(): ReactNode {
  return (
    <Planned title="Sensors" icon="sensors" command="dqueue sensors list">
      Sensors with their ticks and switches will be here; today, the terminal has them.
    </Planned>
  );
}
