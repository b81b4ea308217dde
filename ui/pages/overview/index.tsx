import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function Overview(): ReactNode {
  return (
    <Planned title="Overview" icon="overview" command="dqueue runs list">
      What fails, what waits and what runs will be told here at a glance; today, Runs shows it run by run.
    </Planned>
  );
}
