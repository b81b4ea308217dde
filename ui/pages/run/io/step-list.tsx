import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { StepKey } from "../step-key";
import { api } from "../../../data/client";
import { Empty, Loaded } from "../../../parts/states";
import { StatusIcon, wordOf } from "../../../parts/status";

const ROW = 28;
const PAGE = 200;

interface Props {
  runId: string;
  /** Key of a step; "": the run as a whole. */
  chosen: string;
  choose(key: string | null): void;
}

/** The run, and its steps by key. */
export const StepList = ({ runId, chosen, choose }: Props): ReactNode => {
  const query = useInfiniteQuery({
    queryKey: ["steps", runId, "by key"],
    queryFn: ({ pageParam }) =>
      api.runs.steps(runId, { limit: PAGE, ...(pageParam !== undefined && { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const steps = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: steps.length + 1,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const rows = virtual.getVirtualItems();
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const lacking = hasNextPage && !isFetching && (rows.at(-1)?.index ?? 0) > steps.length - 20;
  useEffect(() => {
    if (lacking) void fetchNextPage();
  }, [lacking, fetchNextPage]);
  return (
    <nav className="io-steps" aria-label="Steps" ref={scroller}>
      <Loaded query={query} failed="Steps could not be loaded">
        {() => (
          <>
            <div className="all" style={{ height: virtual.getTotalSize() }}>
              {rows.map(({ index, key, start }) => {
                const step = steps[index - 1];
                return (
                  <button
                    key={key}
                    type="button"
                    className="io-step"
                    {...(step && { "aria-label": `${wordOf(step.status)} ${step.key}` })}
                    style={{ transform: `translateY(${start}px)` }}
                    {...((step?.key ?? "") === chosen && { "aria-current": "true" as const })}
                    onClick={() => choose(step?.key ?? null)}
                  >
                    {step && <StatusIcon status={step.status} label={wordOf(step.status)} />}
                    {step ? (
                      <span className="mono stepkey" title={step.key}>
                        <StepKey of={step.key} />
                      </span>
                    ) : (
                      <span className="strong">The run</span>
                    )}
                  </button>
                );
              })}
            </div>
            {steps.length === 0 && <Empty title="No steps yet" />}
          </>
        )}
      </Loaded>
    </nav>
  );
};
