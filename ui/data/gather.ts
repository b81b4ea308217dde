import { useRef } from "react";
import type { StreamMessage } from "../../client";
import { useTopic } from "./live/live";

/** Asks again when runs change, once for all that changes within `ms`. `concerns`: which messages matter; else all do. */
export const useRunsGathered = (
  ms: number,
  askAgain: () => void,
  concerns?: (message: StreamMessage) => boolean,
): void => {
  const due = useRef(false);
  useTopic("runs", (messages) => {
    if (due.current || (concerns && !messages.some(concerns))) return;
    due.current = true;
    setTimeout(() => {
      due.current = false;
      askAgain();
    }, ms);
  });
};
