import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import type { Graph, Job } from "../../../client";
import { count, counted } from "../../parts/format";

const BOX = { width: 115, height: 42 };
const GAP = { x: 46, y: 10 };
const MARGIN = 8;

interface Box {
  name: string;
  about: string;
  mapped: boolean;
  x: number;
  y: number;
}

interface Edge {
  from: Box;
  to: Box;
  /** "map": one for each item; "collect": all of them together. */
  kind: "map" | "collect" | "";
}

/** The job's ops from left to right: each stands behind all that it needs. */
export const GraphCard = ({ job }: { job: Job }): ReactNode => {
  const { boxes, edges, width, height } = useMemo(() => layout(job.graph), [job.graph]);
  const port = useRef<HTMLDivElement>(null);
  const beyond = useBeyond(port, boxes);
  return (
    <section className="card" aria-label="Graph">
      <div className="cardh">
        <h2>Graph</h2>
        <span className="sub num">
          {counted(boxes.length, "op")}
          {beyond > 0 && `, ${count(beyond)} out of view: scroll`}
        </span>
        <span className="grow" />
        {job.last_run && (
          <Link href={`/runs/${job.last_run.id}?tab=graph`} className="link sub">
            Open that of the last run
          </Link>
        )}
      </div>
      <div ref={port} className="job-graph" role="region" aria-label="Ops" tabIndex={0}>
        <div style={{ width, height }}>
          <svg width={width} height={height} aria-hidden="true">
            {edges.map((edge) => (
              <Arrow key={`${edge.from.name} ${edge.to.name}`} edge={edge} />
            ))}
          </svg>
          <ul>
            {boxes.map(({ name, about, mapped, x, y }) => (
              <li key={name} className={mapped ? "mapped" : ""} style={{ left: x, top: y, ...BOX }} title={name}>
                <b className="mono ell">{name}</b>
                <span className="dim ell">{about}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
};

/** How many ops stand outside of what is in view, in part at least. */
const useBeyond = (port: { current: HTMLElement | null }, boxes: readonly Box[]): number => {
  const [beyond, setBeyond] = useState(0);
  useEffect(() => {
    const element = port.current!;
    const look = (): void => {
      const { scrollLeft: left, scrollTop: top, clientWidth, clientHeight } = element;
      const isIn = ({ x, y }: Box): boolean =>
        x >= left && y >= top && x + BOX.width <= left + clientWidth && y + BOX.height <= top + clientHeight;
      setBeyond(boxes.filter((box) => !isIn(box)).length);
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [port, boxes]);
  return beyond;
};

const Arrow = ({ edge: { from, to, kind } }: { edge: Edge }): ReactNode => {
  const [x, y] = [from.x + BOX.width + 4, from.y + BOX.height / 2];
  const [endX, endY] = [to.x - 4, to.y + BOX.height / 2];
  const middle = endX - GAP.x / 2;
  const path =
    y === endY
      ? `M${x} ${y}H${endX}`
      : `M${x} ${y}H${middle - 5}Q${middle} ${y} ${middle} ${y + 5 * Math.sign(endY - y)}V${endY - 5 * Math.sign(endY - y)}Q${middle} ${endY} ${middle + 5} ${endY}H${endX}`;
  return (
    <>
      <path d={path} fill="none" stroke="var(--ctl)" strokeWidth="1.4" />
      <path d={`M${endX - 5} ${endY - 4}l5 4l-5 4`} fill="none" stroke="var(--ctl)" strokeWidth="1.4" />
      {kind !== "" && y === endY && (
        <text x={(x + endX) / 2} y={y - 5} textAnchor="middle" className="word">
          {kind}
        </text>
      )}
    </>
  );
};

const layout = ({ nodes }: Graph): { boxes: Box[]; edges: Edge[]; width: number; height: number } => {
  const sources = new Map(
    nodes.map(({ name, inputs, after, scope }) => {
      const own = [...inputs.flatMap((input) => input.sources.map(({ node }) => node)), ...after, ...scope];
      return [name, [...new Set(own)].filter((node) => node !== name)];
    }),
  );
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    // For whom it is asked again on the way: a graph has no circles, but a reader of foreign data should not hang.
    depths.set(name, 0);
    const depth = Math.max(-1, ...(sources.get(name) ?? []).map(depthOf)) + 1;
    depths.set(name, depth);
    return depth;
  };
  const columns: string[][] = [];
  for (const { name } of nodes) (columns[depthOf(name)] ??= []).push(name);
  const tallest = Math.max(...columns.map(({ length }) => length), 1);
  const inner = tallest * (BOX.height + GAP.y) - GAP.y;
  const boxes = nodes.map((node): Box => {
    const depth = depths.get(node.name)!;
    const column = columns[depth]!;
    const top = (inner - (column.length * (BOX.height + GAP.y) - GAP.y)) / 2;
    return {
      name: node.name,
      about: aboutOf(node),
      mapped: node.scope.length > 0,
      x: MARGIN + depth * (BOX.width + GAP.x),
      y: MARGIN + top + column.indexOf(node.name) * (BOX.height + GAP.y),
    };
  });
  const byName = new Map(boxes.map((box) => [box.name, box]));
  const edges = nodes.flatMap((node) =>
    (sources.get(node.name) ?? []).flatMap((source): Edge[] => {
      const from = byName.get(source);
      if (!from) return [];
      const collects = node.inputs.some((input) => input.sources.some((one) => one.node === source && one.collect));
      return [
        { from, to: byName.get(node.name)!, kind: collects ? "collect" : node.scope.includes(source) ? "map" : "" },
      ];
    }),
  );
  const width = 2 * MARGIN + columns.length * (BOX.width + GAP.x) - GAP.x;
  return { boxes, edges, width, height: 2 * MARGIN + inner };
};

const aboutOf = ({ scope, dynamic, queue, op, name }: Graph["nodes"][number]): string => {
  const how = scope.length > 0 ? "one per item" : dynamic ? "generates" : "one step";
  if (queue !== "default") return `${how} · ${queue}`;
  return op === name ? how : `${how} · ${op}`;
};
