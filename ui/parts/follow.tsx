import type { Virtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";
import { Key } from "./buttons";
import { counted } from "./format";
import { Icon } from "./icon";
import { rowId } from "./list-keys";
import "./follow.css";

/** Nearer to the end than this is at the end. */
const AT_END = 30;

type Rows = Virtualizer<HTMLDivElement, Element>;

interface Follow {
  /** Rows that came since somebody scrolled up. */
  fresh: number;
  /** Goes to the end, and stays there. */
  follow(): void;
  /** Stays where it is. */
  stay(): void;
}

/**
 * Stays at the end of a virtual list while rows come, until somebody scrolls up.
 * @param on false: the place is somebody else's choice.
 */
export const useFollow = (
  virtual: Rows,
  scroller: RefObject<HTMLDivElement | null>,
  rows: number,
  on: boolean,
): Follow => {
  const [following, setFollowing] = useState(on);
  const [seen, setSeen] = useState(rows);
  // Another filter may show fewer rows.
  if (seen !== rows && (following || seen > rows)) setSeen(rows);
  useEffect(() => {
    const box = scroller.current!;
    let before = box.scrollTop;
    const scrolled = (): void => {
      const left = box.scrollHeight - box.scrollTop - box.clientHeight;
      if (left < AT_END) setFollowing(true);
      else if (box.scrollTop < before - 1) setFollowing(false);
      before = box.scrollTop;
    };
    box.addEventListener("scroll", scrolled, { passive: true });
    return () => box.removeEventListener("scroll", scrolled);
  }, [scroller]);
  const toEnd = useCallback(() => {
    if (rows > 0) virtual.scrollToIndex(rows - 1, { align: "end" });
  }, [virtual, rows]);
  useLayoutEffect(() => {
    if (on && following) toEnd();
  }, [on, following, toEnd]);
  const follow = useCallback(() => {
    setFollowing(true);
    toEnd();
  }, [toEnd]);
  const stay = useCallback(() => setFollowing(false), []);
  return { fresh: following ? 0 : rows - seen, follow, stay };
};

/** What came below while one looked above; a click goes there. */
export const FollowPill = ({ fresh, one, follow }: { fresh: number; one: string; follow(): void }): ReactNode =>
  fresh > 0 && (
    <button type="button" className="follow" onClick={follow}>
      <Icon name="down" size={13} />
      <b className="num">{counted(fresh, one)}</b>
      <Key>End</Key>
    </button>
  );

interface RowsProps {
  /** Whose rows they are. */
  list: string;
  virtual: Rows;
  /** Where the keyboard is; −1: nowhere. */
  at: number;
  /** Its content: cells of a grid. */
  children(row: number): ReactNode;
}

/** The rows of a virtual list that are in view, each as high as what is in it. */
export const VirtualRows = ({ list, virtual, at, children }: RowsProps): ReactNode => (
  <div className="vrows" style={{ height: virtual.getTotalSize() }}>
    {virtual.getVirtualItems().map(({ index, key, start }) => (
      <div
        key={key}
        ref={virtual.measureElement}
        id={rowId(list, index)}
        className={index === at ? "at" : undefined}
        role="row"
        aria-rowindex={index + 1}
        data-index={index}
        style={{ transform: `translateY(${start}px)` }}
      >
        {children(index)}
      </div>
    ))}
  </div>
);
