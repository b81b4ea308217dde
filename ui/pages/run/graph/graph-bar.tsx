import { type ReactNode, useMemo } from "react";
import type { Graph } from "../../../../client";
import { useParam, writeParams } from "../../../data/url";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Button, Segments } from "../../../parts/buttons";
import { counted } from "../../../parts/format";
import { SearchBox } from "../../../parts/search-box";
import type { Direction, Layout } from "./layout";
import type { Zoom } from "./use-zoom";

const DIRECTIONS = [
  { value: "td", label: "Top down" },
  { value: "lr", label: "Left to right" },
] as const;

interface Props {
  graph: Graph;
  layout: Layout | null;
  zoom: Zoom;
}

/** How the graph is shown. */
export const GraphBar = ({ graph, layout, zoom }: Props): ReactNode => {
  const [dir, setDir] = useParam("dir");
  const [path] = useParam("path");
  const [skip] = useParam("skip");
  return (
    <div className="gbar">
      <FindOp graph={graph} layout={layout} zoom={zoom} />
      <Button
        small
        icon="flow"
        aria-pressed={path !== "0"}
        onClick={() => writeParams({ path: path === "0" ? null : "0" })}
      >
        Critical path
      </Button>
      <Button
        small
        icon="eye"
        aria-pressed={skip === "1"}
        onClick={() => writeParams({ skip: skip === "1" ? null : "1" })}
      >
        Hide skipped
      </Button>
      <span className="grow" />
      <span className="dim num nw">
        {counted(graph.nodes.length, "op")}
        {layout && `, ${counted(layout.layers, "layer")}`}
      </span>
      <Segments<Direction>
        label="Direction"
        value={dir === "lr" ? "lr" : "td"}
        options={DIRECTIONS}
        onChange={(next) => setDir(next === "td" ? null : next)}
      />
      <span className="row zoom">
        <Button small kind="ghost" icon="minus" aria-label="Zoom out" onClick={() => zoom.by(-1)} />
        <span className="num t2 small">{Math.round(100 * zoom.scale)} %</span>
        <Button small kind="ghost" icon="plus" aria-label="Zoom in" onClick={() => zoom.by(1)} />
        <Button small kind="ghost" icon="fit" aria-label="Fit" onClick={zoom.fit} />
      </span>
    </div>
  );
};

const FindOp = ({ graph, layout, zoom }: Props): ReactNode => {
  const [find, setFind] = useParam("find");
  useKeys(
    useMemo<KeyGroup>(
      () => ({
        title: "Graph",
        bindings: [
          { keys: "+", label: "Zoom in", act: () => zoom.by(1) },
          { keys: "-", label: "Zoom out", act: () => zoom.by(-1) },
          { keys: "0", label: "Fit", act: zoom.fit },
        ],
      }),
      [zoom],
    ),
  );
  const open = (): void => {
    const found = graph.nodes.find(({ name }) => name.includes(find));
    const node = layout?.nodes.find(({ id }) => id === found?.name);
    if (!node || find === "") return;
    writeParams({ op: node.id });
    zoom.show(node);
  };
  return <SearchBox label="Find op" group="Graph" value={find} onChange={setFind} onEnter={open} />;
};
