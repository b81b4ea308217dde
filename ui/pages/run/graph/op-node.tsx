import { memo, type ReactNode } from "react";
import { writeParams } from "../../../data/url";
import { Bar } from "../../../parts/bars";
import { count, percent } from "../../../parts/format";
import { StatusIcon, wordOf } from "../../../parts/status";
import { openGroup } from "./open-group";
import type { PlacedNode } from "./layout";
import type { OpNow } from "./ops";

interface Props {
  node: PlacedNode;
  op: OpNow;
  chosen: boolean;
  found: boolean;
  /** The tab key comes here. */
  stop: boolean;
}

/** An op: its icon, its name, its time; where it is mapped its count and how far it is. */
export const OpNode = memo(({ node, op, chosen, found, stop }: Props): ReactNode => {
  const { x, y, width, height } = node;
  const classes = [
    `nd n-${op.status}`,
    op.blocked ? "blk" : "",
    op.onPath ? "cr" : "",
    chosen ? "sel" : "",
    found ? "found" : "",
  ];
  return (
    <button
      type="button"
      className={classes.join(" ")}
      style={{ left: x, top: y, width, height }}
      data-op={op.name}
      tabIndex={stop ? 0 : -1}
      aria-pressed={chosen}
      onClick={() => writeParams({ op: chosen ? null : op.name })}
      onDoubleClick={() => op.mapped && openGroup(op.name)}
    >
      {op.mapped && op.total > 0 ? <Mapped op={op} /> : <Single op={op} />}
    </button>
  );
});

const Single = ({ op }: { op: OpNow }): ReactNode => (
  <>
    <StatusIcon status={op.status} size={13} />
    <b className="mono">{op.name}</b>
    <Spoken op={op} />
    {op.note && <span className="num nd2">{op.note}</span>}
  </>
);

/** The icon's word, for those who hear it. */
const Spoken = ({ op }: { op: OpNow }): ReactNode => <span className="sr">, {wordOf(op.status).toLowerCase()}, </span>;

const Mapped = ({ op }: { op: OpNow }): ReactNode => {
  const { status, name, total, note, counts } = op;
  const done = (counts.SUCCESS ?? 0) + (counts.FAILURE ?? 0) + (counts.SKIPPED ?? 0) + (counts.CANCELED ?? 0);
  return (
    <>
      <span className="row">
        <StatusIcon status={status} size={13} />
        <b className="mono ell">{name}</b>
        <Spoken op={op} />
        <span className="cnt num">×{count(total)}</span>
        <span className="num nd2">{note}</span>
      </span>
      <span className="row">
        <Bar
          of="steps"
          total={total}
          parts={[
            ["success", counts.SUCCESS ?? 0],
            ["failure", counts.FAILURE ?? 0],
            ["retry", counts.UP_FOR_RETRY ?? 0],
            ["started", counts.STARTED ?? 0],
            ["queued", counts.QUEUED ?? 0],
            ["canceled", (counts.SKIPPED ?? 0) + (counts.CANCELED ?? 0)],
          ]}
        />
        <span className="num nd2">{percent(done, total)}</span>
      </span>
    </>
  );
};
