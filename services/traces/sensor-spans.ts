import type { CommittedTick, Tick } from "../../core/ticks";
import type { TickStore } from "../../sensors/ports";
import { newSpanId, rootSpanId, traceIdOf } from "./ids";
import { exceptionAt, type Span, type Traces } from "./traces";

/** The sensors' store: ticks that it has committed are told as spans, each once. */
export const tracedTickStore = (store: TickStore, traces: Traces): TickStore => ({
  ...store,
  commit: async (owner, tick) => {
    const committed = await store.commit(owner, tick);
    if (committed) traceTick(traces, tick, committed);
    return committed;
  },
});

/** Tells a tick in a trace of its own, and in that of each run that it launched. Each has a link to the other. */
const traceTick = (traces: Traces, tick: Tick, committed: CommittedTick): void => {
  const { id, runIds } = committed;
  const told = tickSpan(tick, committed);
  const links = runIds.map((run) => ({ trace: traceIdOf(run), span: rootSpanId(run) }));
  traces.add({ ...told, trace: traceIdOf(id), id: rootSpanId(id), parent: null, links });
  const back = [{ trace: traceIdOf(id), span: rootSpanId(id) }];
  for (const { trace, span } of links) {
    // A run that was launched has not failed, whatever became of the tick afterwards.
    traces.add({ ...told, trace, id: newSpanId(), parent: span, links: back, failure: null, events: [] });
  }
};

const tickSpan = (tick: Tick, committed: CommittedTick): Omit<Span, "trace" | "id" | "parent" | "links"> => {
  const { status, skipReason, error } = tick.end(committed);
  const { id, endedAt, runIds, knownRunKeys } = committed;
  return {
    ...{ part: "sensors", kind: "internal", name: `tick ${tick.sensor}` },
    start: tick.startedAt,
    end: endedAt,
    failure: error && error.message,
    attributes: {
      ...{ "dqueue.sensor": tick.sensor, "dqueue.tick": id, "dqueue.status": status },
      ...{ "dqueue.runs_launched": runIds.length, "dqueue.run_keys_known": knownRunKeys.length },
      ...(skipReason !== null && { "dqueue.skip_reason": skipReason }),
    },
    events: error ? [exceptionAt(endedAt, error)] : [],
  };
};
