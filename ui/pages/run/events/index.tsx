import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { runQuery } from "../../../data/queries";
import { useParam } from "../../../data/url";
import { Segments } from "../../../parts/buttons";
import { counted } from "../../../parts/format";
import { SearchBox } from "../../../parts/search-box";
import { Empty, Loaded } from "../../../parts/states";
import { runHasEnded } from "../../../parts/status";
import { EventList } from "./event-list";
import { LEVELS } from "./event-kinds";
import "./events.css";

/** What happened to a run, in order. */
export default function EventsTab({ runId }: { runId: string }): ReactNode {
  const run = useQuery(runQuery(runId));
  const [levelParam, setLevel] = useParam("level");
  const [text, setText] = useParam("find");
  const level = LEVELS.find(({ name }) => name === levelParam) ?? LEVELS[0];
  return (
    <section className="events" aria-label="Events">
      <div className="et">
        <SearchBox
          label="Find in events"
          group="Events"
          placeholder="Type, step or text"
          value={text}
          onChange={setText}
        />
        <Segments
          label="Kinds of events"
          value={level.name}
          options={LEVELS.map(({ name, title }) => ({ value: name, label: title }))}
          onChange={(name) => setLevel(name, { push: true })}
        />
        <span className="grow" />
        <span className="dim num nw">{run.data && counted(run.data.seq, "event")}</span>
      </div>
      <Loaded query={run} failed="The run could not be loaded">
        {({ seq, status, created_at }) =>
          seq === 0 ? (
            <Empty icon="info" title="No events yet" />
          ) : (
            <EventList
              key={`${level.name} ${text !== ""}`}
              {...{ runId, seq, text }}
              types={level.types}
              live={!runHasEnded(status)}
              origin={Date.parse(created_at)}
            />
          )
        }
      </Loaded>
    </section>
  );
}
