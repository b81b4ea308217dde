import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type PointerEvent, type ReactNode, useMemo, useState } from "react";
import type { RunFilter, RunHistogram, RunStatus } from "../../../client";
import { statusesOf, type Token } from "../../../client/filter-text";
import { api } from "../../data/client";
import { countsQuery } from "../../data/queries";
import { count, timeOfDay } from "../../parts/format";
import { StatusIcon, wordOf } from "../../parts/status";
import { useZone } from "../../parts/time";
import { toggleStatus } from "./filter";

/** What is counted together: people ask what runs, not in which stage. */
const FACETS: readonly { status: RunStatus; counts: readonly RunStatus[] }[] = [
  { status: "QUEUED", counts: ["QUEUED"] },
  { status: "STARTED", counts: ["STARTING", "STARTED", "CANCELING"] },
  { status: "SUCCESS", counts: ["SUCCESS"] },
  { status: "FAILURE", counts: ["FAILURE"] },
  { status: "CANCELED", counts: ["CANCELED"] },
];

interface Props {
  tokens: readonly Token[];
  filter: RunFilter;
  setTokens(tokens: Token[]): void;
}

export const useCounts = ({ status: _status, ...others }: RunFilter) => useQuery(countsQuery(others));

/** How many runs of the other filters have which status. A click toggles one, with Alt it stands alone. */
export const StatusFacets = ({ tokens, filter, setTokens }: Props): ReactNode => {
  const { data } = useCounts(filter);
  const asked = statusesOf(tokens);
  const more = data && !data.complete ? "+" : "";
  return (
    <div className="facets fac" role="group" aria-label="Status">
      <button
        type="button"
        aria-pressed={asked === null}
        onClick={() => setTokens(tokens.filter(({ field }) => field !== "status"))}
      >
        All <b className="num">{data ? count(data.total) + more : "—"}</b>
      </button>
      {FACETS.map(({ status, counts }) => (
        <button
          key={status}
          type="button"
          aria-pressed={asked !== null && counts.every((one) => asked.includes(one))}
          title={`${wordOf(status)}: click to add or take away, Alt-click for it alone`}
          onClick={({ altKey }) => setTokens(toggleStatus(tokens, counts, altKey))}
        >
          <StatusIcon status={status} size={13} />
          {wordOf(status)}
          <b className="num">{data ? count(counts.reduce((sum, one) => sum + data.counts[one], 0)) + more : "—"}</b>
        </button>
      ))}
    </div>
  );
};

const BUCKETS = 96;
const DAY_S = 86_400;
const HEIGHT = 40;

/** The runs of the last 24 hours; dragging over it asks for those of a time. */
export const Histogram = ({ tokens, filter, setTokens }: Props): ReactNode => {
  const { created_after: after, created_before: before, status: _status, ...others } = filter;
  const { data } = useQuery({
    queryKey: ["counts", "histogram", others],
    queryFn: () => api.runs.histogram({ ...others, seconds: DAY_S, buckets: BUCKETS }),
    placeholderData: keepPreviousData,
  });
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const shown = useZone();
  if (!data) return <div className="histo" />;
  const from = Date.parse(data.from);
  const to = Date.parse(data.to);
  const share = (at: string | undefined, fallback: number): number =>
    at === undefined ? fallback : Math.min(1, Math.max(0, (Date.parse(at) - from) / (to - from)));
  const range: [number, number] | null =
    drag ?? (after === undefined && before === undefined ? null : [share(after, 0), share(before, 1)]);
  const ask = ([a, b]: [number, number]): void => {
    const at = (part: number): string => new Date(from + part * (to - from)).toISOString().slice(0, 19) + "Z";
    const rest = tokens.filter(({ field }) => field !== "created");
    setTokens([...rest, { field: "created", not: false, values: [`${at(Math.min(a, b))}..${at(Math.max(a, b))}`] }]);
  };
  return (
    <div className="histo" {...dragging(drag, setDrag, ask)}>
      <Columns data={data} range={range} />
      {range && (
        <i
          className="brush"
          style={{ left: `${100 * Math.min(...range)}%`, right: `${100 - 100 * Math.max(...range)}%` }}
        />
      )}
      <div className="axis num" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>
            {part === 0 && "yesterday "}
            {timeOfDay(from + part * (to - from), shown)}
          </span>
        ))}
      </div>
    </div>
  );
};

type Range = [number, number];

const dragging = (drag: Range | null, setDrag: (drag: Range | null) => void, ask: (range: Range) => void) => {
  const partOf = ({ currentTarget, clientX }: PointerEvent): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / width));
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag([partOf(event), partOf(event)]);
    },
    onPointerMove: (event: PointerEvent) => drag && setDrag([drag[0], partOf(event)]),
    onPointerUp: () => {
      if (drag && Math.abs(drag[1] - drag[0]) > 1 / BUCKETS) ask(drag);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
  };
};

const TONES: readonly (readonly [RunStatus, string])[] = [
  ["SUCCESS", "success"],
  ["STARTED", "started"],
  ["STARTING", "started"],
  ["CANCELING", "canceled"],
  ["CANCELED", "canceled"],
  ["QUEUED", "queued"],
  ["FAILURE", "failure"],
];

const Columns = ({ data, range }: { data: RunHistogram; range: Range | null }): ReactNode => {
  const { bars, total, failed } = useMemo(() => barsOf(data), [data]);
  const label = `Runs of the last 24 hours: ${count(total)}, of them ${count(failed)} failed`;
  return (
    <svg viewBox={`0 0 ${BUCKETS * 10} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {bars.map(({ bucket, tone, y, height }) => {
        const at = (bucket + 0.5) / BUCKETS;
        const out = range !== null && (at < Math.min(...range) || at > Math.max(...range));
        const opacity = out ? 0.32 : tone === "failure" ? 1 : 0.85;
        return (
          <rect
            key={`${bucket}${tone}${y}`}
            x={bucket * 10 + 1}
            y={y}
            width={8}
            height={height}
            fill={`var(--${tone})`}
            opacity={opacity}
          />
        );
      })}
    </svg>
  );
};

const barsOf = ({ counts }: RunHistogram) => {
  const sums = Array.from({ length: BUCKETS }, (_, i) =>
    TONES.reduce((sum, [status]) => sum + (counts[status]?.[i] ?? 0), 0),
  );
  const most = Math.max(...sums, 1);
  const bars = sums.flatMap((_, bucket) => {
    let y = HEIGHT;
    return TONES.flatMap(([status, tone]) => {
      const n = counts[status]?.[bucket] ?? 0;
      if (n === 0) return [];
      // One failure among thousands is still to be seen.
      const height = Math.max(1.5, (n / most) * (HEIGHT - 2));
      y -= height;
      return [{ bucket, tone, y, height }];
    });
  });
  const sum = (values: readonly number[] = []): number => values.reduce((a, b) => a + b, 0);
  return { bars, total: sum(sums), failed: sum(counts.FAILURE) };
};
