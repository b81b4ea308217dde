import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Run } from "../../../../client";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Button } from "../../../parts/buttons";
import { exact, moment as momentText } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { useNow, useZone } from "../../../parts/time";
import type { Steps } from "../steps/steps";
import { useAskedMoment } from "../steps/use-moment";
import { offsetText } from "../timeline/draw/scale";

const PLAY_TIMES = 10;
const FRAME_MS = 100;

/** Which moment is shown, and the ways to another. */
export const PastStrip = ({ run, steps, at }: { run: Run; steps: Steps | null; at: number }): ReactNode => {
  const [, ask] = useAskedMoment();
  const [playing, setPlaying] = useState(false);
  const zone = useZone();
  const now = useNow();
  const origin = Date.parse(run.created_at);
  const end = (run.ended_at === null ? now : Date.parse(run.ended_at)) - origin;
  useEffect(() => {
    if (!playing) return;
    if (at >= end) return void setTimeout(() => setPlaying(false));
    const timer = setTimeout(() => ask(Math.min(end, at + FRAME_MS * PLAY_TIMES)), FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, at, end, ask]);
  const { go, back } = useMemo(
    () => ({ go: (by: 1 | -1) => ask(steps ? eventFrom(steps, at, by) : at), back: () => ask(null) }),
    [steps, at, ask],
  );
  useKeys(useMemo(() => stripKeys(go, back), [go, back]));
  return (
    <div className="rpast" role="status">
      <Icon name="schedules" size={14} />
      <span className="ell num">
        <b>{offsetText(at, 1)}</b> after the creation, {exact(origin + at, zone).slice(11, 21)},{" "}
        {momentText(origin + at, now, zone)}
      </span>
      <span className="grow" />
      <span className="dim nw rnow">Actions apply to now</span>
      <Button small kind="ghost" icon="chevronLeft" aria-label="Event before" onClick={() => go(-1)} />
      <Button
        small
        kind="ghost"
        icon={playing ? "pause" : "play"}
        aria-label={playing ? "Pause" : `Play at ${PLAY_TIMES} × the speed`}
        onClick={() => setPlaying(!playing)}
      />
      <Button small kind="ghost" icon="chevronRight" aria-label="Next event" onClick={() => go(1)} />
      <Button small keys="End" onClick={back}>
        {run.ended_at === null ? "Back to live" : "Back to the end"}
      </Button>
    </div>
  );
};

const stripKeys = (go: (by: 1 | -1) => void, back: () => void): KeyGroup => ({
  title: "Moment",
  bindings: [
    { keys: ",", label: "Event before", act: () => go(-1) },
    { keys: ".", label: "Next event", act: () => go(1) },
    { keys: "End", label: "Back to now", act: back },
  ],
});

/** When something next happened to a step, in a direction. */
const eventFrom = (steps: Steps, at: number, by: 1 | -1): number => {
  let found = by > 0 ? Infinity : -Infinity;
  const look = (time: number): void => {
    if (by > 0 ? time > at + 5 && time < found : time < at - 5 && time > found) found = time;
  };
  for (let step = 0; step < steps.count; step++) {
    for (const column of [steps.queued, steps.started, steps.ended]) look(column[step]!);
    for (const past of steps.past.get(step) ?? []) look(past.ended);
  }
  return Number.isFinite(found) ? Math.max(0, found) : at;
};
