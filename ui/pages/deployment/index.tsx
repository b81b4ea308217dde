import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { deploymentQuery } from "../../data/queries";
import { PageTop } from "../../frame/page-top";
import { Icon } from "../../parts/icon";
import { Loaded } from "../../parts/states";
import { Migrations } from "./migrations";
import { Processes } from "./processes";
import { Shards } from "./shards";
import { Storage } from "./storage";
import "./deployment.css";

/** What runs where, who owns which shard, and what the database holds. */
export default function DeploymentPage(): ReactNode {
  const query = useQuery(deploymentQuery);
  return (
    <>
      <PageTop
        title="Deployment"
        actions={
          <a className="btn" href="/api/docs">
            <Icon name="external" size={14} />
            <span>API reference</span>
          </a>
        }
      />
      <div className="dep">
        <Loaded query={query} failed="The deployment could not be read">
          {(deployment) => <Shown deployment={deployment} />}
        </Loaded>
      </div>
    </>
  );
}

const Shown = ({ deployment }: { deployment: Deployment }): ReactNode => (
  <>
    <Processes nodes={deployment.nodes} />
    <div className="depcols">
      <Shards shards={deployment.shards} />
      <Migrations migrations={deployment.migrations} />
    </div>
    <Storage storage={deployment.storage} />
  </>
);
