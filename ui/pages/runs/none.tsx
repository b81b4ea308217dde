import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { serverNow } from "../../data/server-clock";
import { statusesOf, filterOf, type Token, writeTokens } from "../../../client/filter-text";
import { api } from "../../data/client";
import { useMissingRole } from "../../data/me";
import { jobsQuery } from "../../data/queries";
import { Button } from "../../parts/buttons";
import { counted } from "../../parts/format";
import { Empty } from "../../parts/states";

interface Props {
  tokens: readonly Token[];
  setTokens(tokens: Token[]): void;
}

/** What stands in the place of rows where there are none. */
export default function None(props: Props): ReactNode {
  return props.tokens.length === 0 ? <NoRuns /> : <NoneFit {...props} />;
}

/** Nothing has run yet. */
const NoRuns = (): ReactNode => {
  const [, navigate] = useLocation();
  const { data: jobs = [] } = useQuery(jobsQuery);
  const not = useMissingRole("launcher");
  const job = jobs[0]?.name;
  if (job === undefined)
    return (
      <Empty icon="runs" title="No runs yet" command="npx dqueue init">
        There is no job to run either: write one in the folder of jobs, and it appears here.
      </Empty>
    );
  return (
    <Empty
      icon="runs"
      title="No runs yet"
      command={`npx dqueue run ${job} --wait`}
      acts={
        <Button
          kind="primary"
          icon="play"
          not={not}
          onClick={() => navigate(`/jobs/${encodeURIComponent(job)}/launch`)}
        >
          Launch {job}
        </Button>
      }
    >
      Launch the first one from here or from a terminal.
    </Empty>
  );
};

/** Nothing fits; the part of the filter whose removal yields most is named. */
const NoneFit = ({ tokens, setTokens }: Props): ReactNode => {
  const without = useQueries({
    queries: tokens.map((token) => {
      const rest = tokens.filter((other) => other !== token);
      const { status: _status, ...filter } = filterOf(rest, serverNow());
      return {
        queryKey: ["counts", "without", writeTokens(rest)],
        queryFn: async () => {
          const { counts, total } = await api.runs.counts(filter);
          const asked = statusesOf(rest);
          return asked === null ? total : asked.reduce((sum, status) => sum + counts[status], 0);
        },
      };
    }),
  });
  const yields = without.map(({ data = 0 }) => data);
  const best = yields.indexOf(Math.max(...yields));
  const token = tokens[best]!;
  const remove = (): void => setTokens(tokens.filter((other) => other !== token));
  const acts = (
    <>
      {yields[best]! > 0 && (
        <Button icon="close" onClick={remove}>
          Remove that filter
        </Button>
      )}
      <Button kind="ghost" onClick={() => setTokens([])}>
        Clear all
      </Button>
    </>
  );
  return (
    <Empty title={`Nothing matches ${counted(tokens.length, "filter")}`} acts={acts}>
      {yields[best]! > 0 && (
        <>
          {counted(yields[best]!, "run")} {yields[best] === 1 ? "matches" : "match"} without{" "}
          <b>{writeTokens([token])}</b>.
        </>
      )}
    </Empty>
  );
};
