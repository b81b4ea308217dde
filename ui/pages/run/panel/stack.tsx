import { type ReactNode, useState } from "react";
import { counted } from "../../../parts/format";
import { visible } from "../../../parts/visible";

const FOREIGN = /node_modules|node:internal|\(node:/;
/** `at fn (file:///a/b/jobs/orders.ts:12:7)`, `at /a/b/jobs/orders.ts:12:7` */
const FRAME = /^\s*at (?:(.*) \()?(?:file:\/\/)?([^()]*?)\)?$/;

/** The lines of code that an error passed: those of the author, those of others folded. */
export const Stack = ({ stack }: { stack: string }): ReactNode => {
  const [all, setAll] = useState(false);
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const own = frames.filter((frame) => !FOREIGN.test(frame));
  const shown = all ? frames : own;
  if (frames.length === 0) return null;
  return (
    <div className="sstack mono">
      {shown.map((frame, i) => (
        <Frame key={i} frame={visible(frame.trim())} />
      ))}
      {frames.length > own.length && (
        <button type="button" onClick={() => setAll(!all)}>
          {all ? "Own frames alone" : `+ ${counted(frames.length - own.length, "frame")} of others`}
        </button>
      )}
    </div>
  );
};

/** The file and its line come first, and are never cut; the whole frame is the title. */
const Frame = ({ frame }: { frame: string }): ReactNode => {
  const [, name = "", place = frame] = FRAME.exec(frame) ?? [];
  return (
    <span className="row" title={frame}>
      <b className="nw">{place.split(/[\\/]/).slice(-2).join("/")}</b>
      <span className="ell">{name}</span>
    </span>
  );
};
