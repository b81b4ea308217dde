import { memo, type ReactNode } from "react";
import type { Layout } from "./layout";
import { type EdgeKind, kindOfEdge, type OpNow } from "./ops";
import { pathOf } from "./route";

const KINDS: readonly EdgeKind[] = ["plain", "skipped", "held", "path"];

interface Props {
  layout: Layout;
  ops: Map<string, OpNow>;
  hidden: ReadonlySet<string>;
}

/** What waits for what: the most telling lines lie on top. */
export const Edges = memo(({ layout, ops, hidden }: Props): ReactNode => {
  const shown = layout.edges
    .filter(({ from, to }) => !hidden.has(from) && !hidden.has(to))
    .map((edge) => ({ ...edge, kind: kindOfEdge(ops, edge.from, edge.to) }))
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return (
    <svg className="edges" width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        {KINDS.map((kind) => (
          <marker
            key={kind}
            id={`ar-${kind}`}
            viewBox="0 0 6 8"
            refX="6"
            refY="4"
            markerWidth="6"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 .5v7L6 4z" className={`m-${kind}`} />
          </marker>
        ))}
      </defs>
      {shown.map(({ from, to, points, kind }) => (
        <path key={`${from} ${to}`} className={`e-${kind}`} d={pathOf(points)} markerEnd={`url(#ar-${kind})`} />
      ))}
    </svg>
  );
});
