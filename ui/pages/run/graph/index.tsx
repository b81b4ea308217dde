import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { Graph } from "../../../../client";
import { api } from "../../../data/client";
import { graphQuery, runQuery } from "../../../data/queries";
import { useParam } from "../../../data/url";
import { Empty, Loaded, Soon } from "../../../parts/states";
import { runHasEnded } from "../../../parts/status";
import { Canvas } from "./canvas";
import { GraphBar } from "./graph-bar";
import { opsNow } from "./ops";
import { useLayout } from "./use-layout";
import { useZoom } from "./use-zoom";
import "./graph.css";

const LOOK_MS = 2_000;

/** What a run consists of, and how far each part is. */
export default function GraphTab({ runId }: { runId: string }): ReactNode {
  const query = useQuery(graphQuery(runId));
  return (
    <Loaded query={query} failed="The graph could not be loaded">
      {(graph) =>
        graph.nodes.length === 0 ? (
          <Empty icon="graph" title="The job has no ops" />
        ) : (
          <GraphView graph={graph} runId={runId} />
        )
      }
    </Loaded>
  );
}

const GraphView = ({ graph, runId }: { graph: Graph; runId: string }): ReactNode => {
  const [dir] = useParam("dir");
  const layout = useLayout(graph, dir === "lr" ? "lr" : "td");
  const { data: run } = useQuery(runQuery(runId));
  const ended = run !== undefined && runHasEnded(run.status);
  const { data: timeline } = useQuery({
    queryKey: ["timeline", runId, "ops", ended],
    queryFn: () => api.runs.timeline(runId),
    refetchInterval: ended ? false : LOOK_MS,
    placeholderData: (known) => known,
  });
  const ops = useMemo(() => opsNow(graph, timeline), [graph, timeline]);
  const zoom = useZoom(layout, ops);
  return (
    <section className="gt" aria-label="Graph">
      <GraphBar graph={graph} layout={layout} zoom={zoom} />
      {layout ? <Canvas {...{ graph, layout, ops, zoom, runId, timeline, ended }} /> : <Soon>{null}</Soon>}
    </section>
  );
};
