import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useRef } from "react";
import type { Graph, Timeline } from "../../../../client";
import { useParam } from "../../../data/url";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Edges } from "./edges";
import type { Layout, PlacedNode } from "./layout";
import { Minimap } from "./minimap";
import { OpCard } from "./op-card";
import { OpNode } from "./op-node";
import { type OpNow, sourcesOf } from "./ops";
import { PADDING, type Zoom } from "./use-zoom";

interface Props {
  graph: Graph;
  layout: Layout;
  ops: Map<string, OpNow>;
  zoom: Zoom;
  runId: string;
  timeline: Timeline | undefined;
  ended: boolean;
}

/** The graph itself: nodes are buttons, the graph is one stop of the tab key, arrows follow edges. */
export const Canvas = ({ graph, layout, ops, zoom, runId, timeline, ended }: Props): ReactNode => {
  const [chosen, choose] = useParam("op");
  const [find] = useParam("find");
  const [path] = useParam("path");
  const [skip] = useParam("skip");
  const hidden = useMemo(
    () =>
      new Set(
        skip === "1" ? [...ops.values()].filter(({ status }) => status === "SKIPPED").map(({ name }) => name) : [],
      ),
    [ops, skip],
  );
  useKeys(useMemo(() => closeKeys(chosen, choose), [chosen, choose]));
  const move = useArrows(graph, layout, zoom);
  const op = ops.get(chosen);
  const stop = op && !hidden.has(chosen) ? chosen : layout.nodes.find(({ id }) => !hidden.has(id))?.id;
  const { scale, view, attach } = zoom;
  return (
    <div className="gv">
      <div ref={attach} className="gs" tabIndex={-1} {...useDrag()}>
        <div
          className="gsize"
          style={{ width: layout.width * scale + 2 * PADDING, height: layout.height * scale + 2 * PADDING }}
        >
          <div
            className={`cv ${path === "0" ? "no-path" : ""}`}
            role="group"
            aria-label="Ops"
            style={{
              width: layout.width,
              height: layout.height,
              transform: `translate(${PADDING}px, ${PADDING}px) scale(${scale})`,
            }}
            onKeyDown={move}
          >
            <Edges layout={layout} ops={ops} hidden={hidden} />
            {layout.nodes.map((node) =>
              hidden.has(node.id) ? null : (
                <OpNode
                  key={node.id}
                  node={node}
                  op={ops.get(node.id)!}
                  chosen={node.id === chosen}
                  found={find !== "" && node.id.includes(find)}
                  stop={node.id === stop}
                />
              ),
            )}
          </div>
        </div>
      </div>
      {op && <OpCard key={op.name} {...{ op, graph, runId, timeline, ended }} close={() => choose(null)} />}
      {view && <Minimap layout={layout} ops={ops} view={view} scale={scale} />}
      <Legend ops={ops} />
    </div>
  );
};

const Legend = ({ ops }: { ops: Map<string, OpNow> }): ReactNode => {
  const all = [...ops.values()];
  return (
    <div className="glg">
      {all.some(({ onPath }) => onPath) && (
        <span className="on-path">
          <i className="lg-path" />
          critical path
        </span>
      )}
      {all.some(({ status, blocked }) => status === "SKIPPED" && !blocked) && (
        <span>
          <i className="lg-skipped" />
          branch not taken
        </span>
      )}
      {all.some(({ blocked }) => blocked) && (
        <span>
          <i className="lg-held" />
          held back by a failure
        </span>
      )}
    </div>
  );
};

const closeKeys = (chosen: string, choose: (op: string | null) => void): KeyGroup => ({
  title: "Graph",
  bindings: [{ keys: "Escape", label: "Close the op's card", act: () => (chosen === "" ? false : choose(null)) }],
});

/** Arrows follow edges, and go to the neighbours in the layer. */
const useArrows = (graph: Graph, layout: Layout, zoom: Zoom): ((event: KeyboardEvent<HTMLElement>) => void) => {
  const byId = useMemo(() => new Map(layout.nodes.map((node) => [node.id, node])), [layout]);
  return (event) => {
    const from = byId.get((event.target as HTMLElement).dataset.op ?? "");
    if (!from) return;
    const flat = layout.nodes.every(({ layer, y }) => layer !== from.layer || y + 60 > from.y && y < from.y + 60); // prettier-ignore
    const keys = flat
      ? { ArrowDown: "on", ArrowUp: "back", ArrowLeft: "before", ArrowRight: "after" }
      : { ArrowRight: "on", ArrowLeft: "back", ArrowUp: "before", ArrowDown: "after" };
    const way = keys[event.key as keyof typeof keys];
    const to = way && neighbour(graph, layout, byId, from, way);
    if (!to) return;
    event.preventDefault();
    zoom.show(to);
    event.currentTarget.querySelector<HTMLElement>(`[data-op="${CSS.escape(to.id)}"]`)?.focus({ preventScroll: true });
  };
};

const neighbour = (
  graph: Graph,
  layout: Layout,
  byId: Map<string, PlacedNode>,
  from: PlacedNode,
  way: string,
): PlacedNode | undefined => {
  if (way === "on") return byId.get(graph.nodes.find((node) => sourcesOf(node).includes(from.id))?.name ?? "");
  if (way === "back") return byId.get(sourcesOf(graph.nodes.find(({ name }) => name === from.id)!)[0] ?? "");
  const layer = layout.nodes.filter((node) => node.layer === from.layer).sort((a, b) => a.x - b.x || a.y - b.y);
  return layer[layer.indexOf(from) + (way === "after" ? 1 : -1)];
};

/** The ground is dragged. */
const useDrag = () => {
  const from = useRef<{ x: number; y: number; left: number; top: number } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>): void => {
      if (event.pointerType === "touch" || event.button !== 0 || (event.target as HTMLElement).closest("button"))
        return;
      const { scrollLeft, scrollTop } = event.currentTarget;
      from.current = { x: event.clientX, y: event.clientY, left: scrollLeft, top: scrollTop };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: ({ currentTarget, clientX, clientY }: PointerEvent<HTMLDivElement>): void => {
      if (!from.current) return;
      const { x, y, left, top } = from.current;
      currentTarget.scrollTo(left - clientX + x, top - clientY + y);
    },
    onPointerUp: (): void => {
      from.current = null;
    },
  };
};
