import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { Json as JsonValue, Step } from "../../../../client";
import { api } from "../../../data/client";
import { CopyButton } from "../../../parts/copy";
import { bytes, counted } from "../../../parts/format";
import { visible } from "../../../parts/visible";
import { Problem, Soon, SkeletonRows } from "../../../parts/states";

const SHORT = 1_200;
const LONG = 100_000;

/** A value as JSON, its head where it is long. */
export const Json = ({ value, short }: { value: unknown; short?: boolean }): ReactNode => {
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const most = short ? SHORT : LONG;
  return (
    <div className="sjson">
      <CopyButton text={text} what="value" />
      <pre>
        {text.length > most ? `${visible(text.slice(0, most))}\n… ${bytes(text.length)} in all` : visible(text)}
      </pre>
    </div>
  );
};

const Waiting = ({ error }: { error: Error | null }): ReactNode =>
  error ? (
    <Problem title="The step could not be loaded" error={error} retry={() => undefined} />
  ) : (
    <Soon>
      <SkeletonRows rows={3} />
    </Soon>
  );

export const InputView = ({ step, error }: { step: Step | undefined; error: Error | null }): ReactNode => {
  if (!step) return <Waiting error={error} />;
  const inputs = Object.entries(step.inputs);
  if (inputs.length === 0) return <p className="dim">It reads nothing.</p>;
  return inputs.map(([name, input]) => (
    <section key={name}>
      <h3>{name || "Input"}</h3>
      <Json value={"list" in input ? input.list : input.value} />
      {"list" in input && input.more && <p className="dim">The first {input.list.length}; there are more.</p>}
    </section>
  ));
};

export const OutputView = ({ step, error }: { step: Step | undefined; error: Error | null }): ReactNode => {
  if (!step) return <Waiting error={error} />;
  if (step.items !== null) return <p>It yielded {counted(step.items, "item")}.</p>;
  const outputs: [string, JsonValue][] = Object.entries(step.outputs ?? {});
  if (outputs.length === 0) return <p className="dim">There is no output{step.status === "SUCCESS" ? "" : " yet"}.</p>;
  return outputs.map(([name, value]) => (
    <section key={name}>
      <h3>{name}</h3>
      <Json value={value} />
    </section>
  ));
};

const LINES = 200;
const LONG_LINE = 2_000;

/** The first lines of the step; all of them are in the run's logs. */
export const LogsView = ({ run, step }: { run: string; step: string }): ReactNode => {
  const { data, error } = useQuery({
    queryKey: ["step-logs", run, step],
    queryFn: () => api.runs.logs(run, { step, limit: LINES }),
  });
  if (!data) return <Waiting error={error} />;
  if (data.items.length === 0) return <p className="dim">It has said nothing.</p>;
  return (
    <>
      <pre className="slogs">
        {data.items.map(({ id, text, level }) => (
          <span key={id} className={level === "error" ? "t-failure" : level === "warn" ? "t-retry" : ""}>
            {visible(text.slice(0, LONG_LINE))}
            {text.length > LONG_LINE && ` … ${bytes(text.length)} in all`}
            {"\n"}
          </span>
        ))}
      </pre>
      {data.next_cursor !== null && <p className="dim">The first {counted(LINES, "line")}; the logs have all.</p>}
    </>
  );
};
