import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "wouter";
import type { Job } from "../../../client";
import { jobQuery, runQuery } from "../../data/queries";
import { useParam } from "../../data/url";
import { PageTop } from "../../frame/page-top";
import { Icon } from "../../parts/icon";
import { late } from "../../parts/late";
import { Loaded, SkeletonRows, Soon } from "../../parts/states";
import { presetsOf } from "./presets";
import "./launchpad.css";

// The editor and the reader of YAML are more than all else of the page.
const Workbench = late(() => import("./workbench"));

/** A run's config is written, checked and launched here; it begins as that of the run `from`, or as a preset. */
export default function LaunchpadPage(): ReactNode {
  const { name = "" } = useParams<{ name: string }>();
  const [from] = useParam("from");
  const [asked] = useParam("preset");
  const job = useQuery(jobQuery(name));
  const run = useQuery({ ...runQuery(from), enabled: from !== "" });
  const top = <PageTop title={`Launch ${name}`} heading={<Crumbs job={name} />} />;
  const coming = <Soon>{top}</Soon>;
  return (
    <Loaded query={job} failed="The job could not be loaded" skeleton={<Coming top={top} />}>
      {(job) =>
        from === "" ? (
          <Begun key={`${name} ${asked}`} job={job} asked={asked} heading={<Crumbs job={name} />} coming={coming} />
        ) : (
          <Loaded query={run} failed="The run could not be loaded" skeleton={<Coming top={top} />}>
            {(run) => (
              <Workbench
                key={run.id}
                job={job}
                from={run}
                preset={null}
                heading={<Crumbs job={name} />}
                coming={coming}
              />
            )}
          </Loaded>
        )
      }
    </Loaded>
  );
}

interface BegunProps {
  job: Job;
  asked: string;
  heading: ReactNode;
  coming: ReactNode;
}

/** `asked`: it begins as that preset. What the preset was when the page opened holds. */
const Begun = ({ job, asked, heading, coming }: BegunProps): ReactNode => {
  const [preset] = useState(() => presetsOf(job.name).find(({ name }) => name === asked) ?? null);
  return <Workbench job={job} from={null} preset={preset} heading={heading} coming={coming} />;
};

const Coming = ({ top }: { top: ReactNode }): ReactNode => (
  <>
    {top}
    <SkeletonRows />
  </>
);

const Crumbs = ({ job }: { job: string }): ReactNode => (
  <>
    <h1 className="sr">Launch {job}</h1>
    <nav aria-label="Breadcrumb" className="crumbs">
      <Link href="/jobs">Jobs</Link>
      <Icon name="chevronRight" size={12} />
      <Link href={`/jobs/${encodeURIComponent(job)}`} className="mono strong ell" title={job}>
        {job}
      </Link>
      <Icon name="chevronRight" size={12} />
      <b aria-current="page">Launchpad</b>
    </nav>
  </>
);
