import { layoutGraph, type LayoutNode } from "../../ui/pages/run/graph/layout";
import { pathOf } from "../../ui/pages/run/graph/route";

const node = (id: string, ...sources: string[]): LayoutNode => ({ id, width: 80, height: 30, sources });
const diamond = [node("a"), node("b", "a"), node("c", "a"), node("d", "b", "c"), node("e", "a", "d")];

describe("the layout of a graph", () => {
  test("layers go by the longest path to a node", () => {
    const { nodes, layers } = layoutGraph(diamond, "td");
    expect(layers).toBe(4);
    expect(Object.fromEntries(nodes.map(({ id, layer }) => [id, layer]))).toEqual({ a: 0, b: 1, c: 1, d: 2, e: 3 });
  });

  test.each(["td", "lr"] as const)("no two nodes overlap, and all lie within, %s", (direction) => {
    const { nodes, width, height } = layoutGraph(wide(60), direction);
    const outside = nodes.filter(
      (one) => one.x < 0 || one.x + one.width > width + 0.01 || one.y + one.height > height + 0.01,
    );
    expect(outside).toEqual([]);
    const overlapping = nodes.filter((a) =>
      nodes.some(
        (b) => a !== b && a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height > b.y && b.y + b.height > a.y,
      ),
    );
    expect(overlapping).toEqual([]);
  });

  test.each(["td", "lr"] as const)("no line crosses a node that it does not belong to, %s", (direction) => {
    const { nodes, edges } = layoutGraph(wide(60), direction);
    const crossed = edges.flatMap(({ from, to, points }) =>
      points.slice(1).flatMap(([x2, y2], i) => {
        const [x1, y1] = points[i]!;
        return nodes.filter(
          ({ id, x, y, width, height }) =>
            id !== from &&
            id !== to &&
            Math.max(x1, x2) > x + 0.5 &&
            Math.min(x1, x2) < x + width - 0.5 &&
            Math.max(y1, y2) > y + 0.5 &&
            Math.min(y1, y2) < y + height - 0.5,
        );
      }),
    );
    expect(crossed).toEqual([]);
  });

  test("each edge goes from its source's edge to its target's", () => {
    const { nodes, edges } = layoutGraph(diamond, "td");
    const at = new Map(nodes.map((one) => [one.id, one]));
    expect(edges).toHaveLength(6);
    for (const { from, to, points } of edges) {
      const [a, b] = [at.get(from)!, at.get(to)!];
      expect(points[0]![1]).toBe(a.y + a.height);
      expect(points.at(-1)![1]).toBe(b.y);
      expect(points[0]![0]).toBeGreaterThanOrEqual(a.x);
      expect(points.at(-1)![0]).toBeLessThanOrEqual(b.x + b.width);
    }
  });

  test("a chain of 5,000 nodes and a fan of 1,000 are laid out", () => {
    const chain = Array.from({ length: 5_000 }, (_, i) => node(`n${i}`, ...(i > 0 ? [`n${i - 1}`] : [])));
    expect(layoutGraph(chain, "td").layers).toBe(5_000);
    const fan = [node("root"), ...Array.from({ length: 1_000 }, (_, i) => node(`n${i}`, "root"))];
    expect(layoutGraph(fan, "lr").nodes).toHaveLength(1_001);
  });

  test("lines turn with round corners, and straight ones stay straight", () => {
    expect(pathOf([[0, 0], [0, 20]])).toBe("M0 0L0 20"); // prettier-ignore
    expect(pathOf([[0, 0], [0, 10], [40, 10], [40, 20]])).toBe("M0 0L0 5Q0 10 5 10L35 10Q40 10 40 15L40 20"); // prettier-ignore
  });
});

/** Layers of ten nodes, each with one to three sources in the layers above, by a fixed rule. */
const wide = (count: number): LayoutNode[] =>
  Array.from({ length: count }, (_, i) => {
    const layer = Math.floor(i / 10);
    const pick = (k: number): string =>
      `n${Math.max(0, Math.min(layer * 10 - 1, (i * 7 + k * 13) % (layer * 10 || 1)))}`;
    return node(`n${i}`, ...(layer === 0 ? [] : [...new Set([pick(0), pick(1), pick(i % 3)])]));
  });
