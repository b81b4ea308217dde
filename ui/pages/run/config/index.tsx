import type { ReactNode } from "react";
import { Empty } from "../../../parts/states";

export default function ConfigTab({ runId }: { runId: string }): ReactNode {
  return <Empty title="Not there yet" command={`dqueue runs show ${runId}`} />;
}
