import { type ReactNode, useState } from "react";
import { late } from "../../../parts/late";
import type { Steps } from "../steps/steps";
import { offsetText, type Scale } from "./draw/scale";

const Story = late(() => import("./takeover-story"));

interface Props {
  runId: string;
  of: Steps["takeovers"];
  scale: Scale;
}

/** When the run came to another owner; each opens to what is known of it. */
export const TakeoverMarks = ({ runId, of, scale }: Props): ReactNode => {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <>
      {of.map(({ at, owner }) => {
        const words = `Taken over by ${owner} at ${offsetText(at, 1)}`;
        return (
          <button
            key={at}
            type="button"
            className="gtake"
            aria-label={words}
            aria-haspopup="dialog"
            title={words}
            style={{ left: scale.x(at) }}
            onClick={() => setOpen(at)}
          />
        );
      })}
      {open !== null && <Story runId={runId} at={open} onClose={() => setOpen(null)} />}
    </>
  );
};
