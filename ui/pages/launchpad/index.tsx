import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { Link, useParams } from "wouter";
import { jobQuery, runQuery } from "../../data/queries";
import { useParam } from "../../data/url";
import { PageTop } from "../../frame/page-top";
import { Icon } from "../../parts/icon";
import { Loaded, SkeletonRows, Soon } from "../../parts/states";
import "./launchpad.css";

// The editor and the reader of YAML are more than all else of the page.
const Workbench = lazy(() => import("./workbench"));

/** A run's config is written, checked and launched here; `from`: it begins as that of a run. */
export default function LaunchpadPage(): ReactNode {
  const { name = "" } = useParams<{ name: string }>();
  const [from] = useParam("from");
  const job = useQuery(jobQuery(name));
  const run = useQuery({ ...runQuery(from), enabled: from !== "" });
  const top = <PageTop title={`Launch ${name}`} heading={<Crumbs job={name} />} />;
  return (
    <Loaded query={job} failed="The job could not be loaded" skeleton={<Coming top={top} />}>
      {(job) =>
        from === "" ? (
          <Suspense fallback={<Soon>{top}</Soon>}>
            <Workbench key={name} job={job} from={null} heading={<Crumbs job={name} />} />
          </Suspense>
        ) : (
          <Loaded query={run} failed="The run could not be loaded" skeleton={<Coming top={top} />}>
            {(run) => (
              <Suspense fallback={<Soon>{top}</Soon>}>
                <Workbench key={run.id} job={job} from={run} heading={<Crumbs job={name} />} />
              </Suspense>
            )}
          </Loaded>
        )
      }
    </Loaded>
  );
}

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
      <Link href={`/jobs/${encodeURIComponent(job)}`} className="mono strong">
        {job}
      </Link>
      <Icon name="chevronRight" size={12} />
      <b aria-current="page">Launchpad</b>
    </nav>
  </>
);
