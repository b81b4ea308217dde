import type { ReactNode } from "react";
import { Planned } from "../../frame/planned";

export default function ConcurrencyPage(): ReactNode {
  return (
    <Planned title="Concurrency" icon="concurrency" command="MAX_CONCURRENT_RUNS=200 dqueue start daemon">
      Limits by tag and pool will be seen and set here; today, MAX_CONCURRENT_RUNS bounds the runs that go on at once.
    </Planned>
  );
}
