import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function DeploymentPage(): ReactNode {
  return (
    <Planned title="Deployment" icon="deployment" command="dqueue doctor">
      Daemons, storage and settings will be here; today, the terminal examines them.
    </Planned>
  );
}
