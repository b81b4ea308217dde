import { memo, type PointerEvent, type ReactNode, useEffect, useRef } from "react";
import { toneOf } from "../../../parts/status";
import type { Layout } from "./layout";
import type { OpNow } from "./ops";
import { centre, PADDING } from "./use-zoom";

const WIDTH = 160;
const HEIGHT = 100;

interface Props {
  layout: Layout;
  ops: Map<string, OpNow>;
  /** What scrolls. */
  view: HTMLElement;
  scale: number;
}

/** The whole graph in small; the frame is what is in view, and can be dragged. */
export const Minimap = ({ layout, ops, view, scale }: Props): ReactNode => {
  const small = Math.min(WIDTH / layout.width, HEIGHT / layout.height);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const draw = (): void => {
      if (!frame.current) return;
      const part = (at: number): number => ((at - PADDING) / scale) * small;
      Object.assign(frame.current.style, {
        left: `${Math.max(-3, part(view.scrollLeft))}px`,
        top: `${Math.max(-3, part(view.scrollTop))}px`,
        width: `${Math.min(layout.width * small + 6, (view.clientWidth / scale) * small)}px`,
        height: `${Math.min(layout.height * small + 6, (view.clientHeight / scale) * small)}px`,
      });
    };
    draw();
    view.addEventListener("scroll", draw, { passive: true });
    const sized = new ResizeObserver(draw);
    sized.observe(view);
    return () => {
      view.removeEventListener("scroll", draw);
      sized.disconnect();
    };
  }, [view, scale, small, layout]);
  const go = ({ currentTarget, clientX, clientY, buttons }: PointerEvent<HTMLElement>): void => {
    if (buttons !== 1) return;
    const { left, top } = currentTarget.getBoundingClientRect();
    centre(view, [(clientX - left) / small, (clientY - top) / small], scale);
  };
  return (
    <div className="mm" aria-hidden="true">
      <div
        className="mmi"
        style={{ width: layout.width * small, height: layout.height * small }}
        onPointerDown={go}
        onPointerMove={go}
      >
        <Marks layout={layout} ops={ops} small={small} />
        <b ref={frame} className="mmv" />
      </div>
    </div>
  );
};

const Marks = memo(({ layout, ops, small }: { layout: Layout; ops: Map<string, OpNow>; small: number }): ReactNode =>
  layout.nodes.map(({ id, x, y, width, height }) => {
    const { status } = ops.get(id)!;
    return (
      <i
        key={id}
        className={status === "PENDING" ? "f-pending" : `f-${toneOf(status)}`}
        style={{
          left: x * small,
          top: y * small,
          width: Math.max(2, width * small),
          height: Math.max(1.5, height * small),
        }}
      />
    );
  }),
);
