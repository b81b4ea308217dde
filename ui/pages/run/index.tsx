import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { useParams } from "wouter";
import { cache, isGone } from "../../data/cache";
import { runQuery } from "../../data/queries";
import { late } from "../../parts/late";
import { Loaded } from "../../parts/states";
import { ComingRun } from "./coming";
import { RunHead } from "./header/run-head";
import { RunTop } from "./header/run-top";
import { beginSteps, RunStepsProvider, useLoadedSteps } from "./steps/run-steps";
import { beginTab, Tabs } from "./tabs";
import "./run.css";

const ByBeginning = late(() => import("./by-beginning"));

/** 8 digits of an id or more, and not all of it. */
const BEGINNING = /^(?=.{8,35}$)[0-9a-f]{1,8}(-[0-9a-f]{0,4}){0,3}(-[0-9a-f]{0,12})?$/i;

/** Asks for the run of an address, and for its steps. @returns once it can be drawn. */
export const begin = (path: string): Promise<unknown> => {
  const id = path.slice(path.lastIndexOf("/") + 1);
  if (BEGINNING.test(id)) return Promise.resolve();
  return Promise.all([beginSteps(id), cache.prefetchQuery(runQuery(id)), beginTab()]);
};

export default function RunPage(): ReactNode {
  const { id } = useParams<{ id: string }>();
  if (BEGINNING.test(id)) return <ByBeginning beginning={id} />;
  // Another run is another page: nothing of the one before may be shown with it.
  return <RunView key={id} id={id} />;
}

const RunView = ({ id }: { id: string }): ReactNode => {
  const query = useQuery(runQuery(id));
  const gone = isGone(query.error);
  const steps = useLoadedSteps(id, query.data);
  useEffect(() => void beginTab(), []);
  return (
    <>
      <RunTop id={id} run={query.data} gone={gone} />
      <Loaded
        query={query}
        failed={gone && query.data ? "The run was deleted" : "The run could not be loaded"}
        skeleton={<ComingRun />}
      >
        {(run) => (
          <RunStepsProvider value={steps}>
            <RunHead run={run} />
            <Tabs run={run} />
          </RunStepsProvider>
        )}
      </Loaded>
    </>
  );
};
