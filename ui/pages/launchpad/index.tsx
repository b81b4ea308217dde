import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function Launchpad(): ReactNode {
  return (
    <Planned title="Launchpad" icon="play" command="dqueue run &lt;job&gt; --config @config.json --wait">
      A run&apos;s config will be written and launched here; today, the terminal launches runs.
    </Planned>
  );
}
