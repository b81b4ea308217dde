import { type Direction, layoutGraph, type LayoutNode } from "./layout";

onmessage = ({ data }: MessageEvent<{ nodes: LayoutNode[]; direction: Direction }>) =>
  postMessage(layoutGraph(data.nodes, data.direction));
