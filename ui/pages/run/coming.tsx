import type { ReactNode } from "react";
import { SkeletonRows } from "../../parts/states";
import { ComingTabs } from "./tabs";

/** What a run's page will be, in its measures: nothing moves as it comes. */
export const ComingRun = (): ReactNode => (
  <>
    <header className="rhead" aria-hidden="true">
      <div className="row rhead1 coming">
        <i className="sk" />
        <i className="sk" />
      </div>
      <ComingCounts />
    </header>
    <ComingTabs />
    <SkeletonRows />
  </>
);

export const ComingCounts = (): ReactNode => (
  <>
    <div className="rbar" aria-hidden="true">
      <i className="sk" />
    </div>
    <div className="row rcounts coming" aria-hidden="true">
      <i className="sk" />
    </div>
  </>
);

export const ComingVerbs = (): ReactNode => <i className="sk verbs-coming" aria-hidden="true" />;
