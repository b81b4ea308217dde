import type { ReactNode } from "react";
import type { Run } from "../../../../client";
import { Chip } from "../../../parts/chips";
import { exact } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { StatusBadge } from "../../../parts/status";
import { Duration, useZone } from "../../../parts/time";

/** Who it is, how it is, how far it is. */
export const RunHead = ({ run }: { run: Run }): ReactNode => (
  <header className="rhead">
    <div className="row rhead1">
      <h1>{run.job}</h1>
      <StatusBadge status={run.status} />
      <b className="rclock num">
        <Duration from={run.started_at} to={run.ended_at} />
      </b>
      <span className="grow" />
      <Meta run={run} />
    </div>
  </header>
);

const Meta = ({ run }: { run: Run }): ReactNode => {
  const zone = useZone();
  const tags = Object.entries(run.tags).filter(([name]) => !name.startsWith("dqueue/"));
  return (
    <div className="rmeta">
      <span>
        <Icon name="calendar" size={13} />
        <time className="num" dateTime={run.created_at}>
          {exact(Date.parse(run.created_at), zone)}
        </time>
      </span>
      <span>
        <Icon name="bolt" size={13} />
        priority {run.priority}
      </span>
      <span>
        <Icon name="key" size={13} />
        code <span className="mono">{run.code_version.slice(0, 7)}</span>
      </span>
      {tags.map(([name, value]) => (
        <Chip key={name} name={name} value={value} />
      ))}
    </div>
  );
};
