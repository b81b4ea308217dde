import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Diagnosis } from "../../../client";
import { api } from "../../data/client";
import { Button } from "../../parts/buttons";
import { CloseFoot, Dialog } from "../../parts/dialog";
import { counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { Loaded, SkeletonRows } from "../../parts/states";
import { StatusIcon } from "../../parts/status";

type Finding = Diagnosis["findings"][number];

/** What the web server finds when it looks at what it stands on: a line per check, and what to do. */
export default function Doctor({ onClose }: { onClose(): void }): ReactNode {
  const query = useQuery({
    queryKey: ["doctor"],
    queryFn: () => api.doctor(),
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
  const { data } = query;
  const foot = (
    <CloseFoot onClose={onClose}>
      <Button icon="retry" not={query.isFetching && "It looks already."} onClick={() => void query.refetch()}>
        Look again
      </Button>
    </CloseFoot>
  );
  return (
    <Dialog title="Doctor" about={aboutOf(data)} wide foot={foot} onClose={onClose}>
      <Loaded query={query} failed="The web server could not be checked" skeleton={<SkeletonRows rows={7} />}>
        {({ findings }) => (
          <ul className="findings" aria-label="Checks">
            {findings.map((finding) => (
              <Line key={finding.check} finding={finding} />
            ))}
          </ul>
        )}
      </Loaded>
    </Dialog>
  );
}

const aboutOf = (diagnosis: Diagnosis | undefined): ReactNode => {
  if (!diagnosis) return "Looks at Node, disk, database and broker of this web server, and changes nothing.";
  const { node, findings } = diagnosis;
  const of = (state: Finding["state"]): number => findings.filter((one) => one.state === state).length;
  const [problems, warnings] = [of("problem"), of("warning")];
  const words = [
    ...(problems > 0 ? [counted(problems, "problem")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  return (
    <>
      {words.length === 0 ? "All is well" : words.join(", ")} in {counted(findings.length, "check")} of{" "}
      <span className="mono">{node}</span>. Where other processes stand, <code>dqueue doctor</code> tells.
    </>
  );
};

const Line = ({ finding: { check, state, text, todo } }: { finding: Finding }): ReactNode => (
  <li>
    <State state={state} />
    <span className="strong">{check}</span>
    <div>
      {text}
      {todo !== null && <p className="t2">{todo}</p>}
    </div>
  </li>
);

const State = ({ state }: { state: Finding["state"] }): ReactNode => {
  if (state === "warning")
    return (
      <span className="st t-retry">
        <Icon name="alert" size={14} />
        Warning
      </span>
    );
  return state === "ok" ? (
    <span className="st t-success">
      <StatusIcon status="SUCCESS" />
      Well
    </span>
  ) : (
    <span className="st t-failure">
      <StatusIcon status="FAILURE" />
      Problem
    </span>
  );
};
