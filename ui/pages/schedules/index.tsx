import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function SchedulesPage(): ReactNode {
  return (
    <Planned title="Schedules" icon="schedules" command="dqueue sensors list">
      Jobs that start by the clock will be here; today, a sensor with a minimum interval launches runs.
    </Planned>
  );
}
