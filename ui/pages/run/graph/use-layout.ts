import { useEffect, useMemo, useState } from "react";
import type { Graph } from "../../../../client";
import type { Direction, Layout } from "./layout";
import { layoutNodesOf } from "./ops";

/** The graph's layout, made beside the page; null: not yet. */
export const useLayout = (graph: Graph, direction: Direction): Layout | null => {
  const asked = useMemo(() => ({ nodes: layoutNodesOf(graph), direction }), [graph, direction]);
  const [made, setMade] = useState<{ of: typeof asked; layout: Layout } | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Layout>) => setMade({ of: asked, layout: data });
    worker.postMessage(asked);
    return () => worker.terminate();
  }, [asked]);
  return made?.of === asked ? made.layout : null;
};
