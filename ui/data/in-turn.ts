import { type QueryKey, useIsFetching } from "@tanstack/react-query";
import { useState } from "react";

/**
 * What may be asked for of something that changes faster than the server tells, such as where a playhead is dragged to:
 * the next once the last one is told, and null at once.
 * @param of how the keys of its queries begin.
 */
export const useInTurn = <T>(wanted: T | null, of: QueryKey): T | null => {
  const [asked, ask] = useState(wanted);
  const busy = useIsFetching({ queryKey: of }) > 0;
  if (asked === wanted) return asked;
  if (!busy || wanted === null) ask(wanted);
  return asked;
};
