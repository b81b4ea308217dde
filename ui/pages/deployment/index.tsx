import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Deployment } from "../../../client";
import { deploymentQuery, healthQuery } from "../../data/queries";
import { useMissingRole } from "../../data/me";
import { useParam } from "../../data/url";
import { PageTop } from "../../frame/page-top";
import { Button } from "../../parts/buttons";
import { copyText } from "../../parts/copy";
import { Icon } from "../../parts/icon";
import { late } from "../../parts/late";
import { Loaded } from "../../parts/states";
import { tell } from "../../parts/toasts";
import { DayStorage } from "./day-storage";
import { JobStorage } from "./job-storage";
import { Migrations } from "./migrations";
import { Processes } from "./processes";
import { Settings } from "./settings";
import { Shards } from "./shards";
import { StorageFigures } from "./storage-figures";
import { Tables } from "./tables";
import { Takeovers } from "./takeovers";
import "./deployment.css";

const Doctor = late(() => import("./doctor"));
const Access = late(() => import("./access"));

const TABS = [
  { name: "health", title: "Health", href: "/deployment" },
  { name: "storage", title: "Storage & settings", href: "/deployment?tab=storage" },
  { name: "access", title: "Access & audit", href: "/deployment?tab=access" },
] as const;

/** What runs where, who owns which shard, what the processes were told, what the database holds, and who may do what. */
export default function DeploymentPage(): ReactNode {
  const query = useQuery(deploymentQuery);
  const [tab] = useParam("tab");
  const open = TABS.find(({ name }) => name === tab)?.name ?? "health";
  return (
    <>
      <PageTop
        title="Deployment"
        beside={query.data && <What deployment={query.data} />}
        actions={<Verbs deployment={query.data} />}
        onPhones="below"
      />
      <nav className="tabs" aria-label="Views of the deployment">
        {TABS.map(({ name, title, href }) => (
          <Link key={name} href={href} {...(name === open && { "aria-current": "page" as const })}>
            {title}
          </Link>
        ))}
      </nav>
      <div className="dep">
        {open === "access" ? (
          <Access />
        ) : (
          <Loaded query={query} failed="The deployment could not be read">
            {(deployment) => (open === "health" ? <Health {...deployment} /> : <StorageAndSettings {...deployment} />)}
          </Loaded>
        )}
      </div>
    </>
  );
}

/** Which installation it is, and what it stands on. */
const What = ({ deployment: { settings, storage } }: { deployment: Deployment }): ReactNode => {
  const { data: health } = useQuery(healthQuery);
  const valueOf = (wanted: string): Deployment["settings"][number]["values"][number] | undefined =>
    settings.find(({ name }) => name === wanted)?.values[0];
  const broker = valueOf("AMQP_URL")?.origin === "default" ? "in-process bus" : "RabbitMQ";
  return (
    <span className="depwhat t2 wide-only">
      <span>
        namespace <b className="mono">{valueOf("NAMESPACE")?.value ?? "—"}</b>
      </span>
      {health && <span className="num">v{health.version}</span>}
      <span>
        {storage.database === "embedded" ? "embedded database" : "PostgreSQL"}, {broker}
      </span>
    </span>
  );
};

/** `Run doctor`: what the web server stands on. `Copy diagnosis`: all that the page knows, for whoever is asked for help. */
const Verbs = ({ deployment }: { deployment: Deployment | undefined }): ReactNode => {
  const missing = useMissingRole("operator");
  const [asked, setAsked] = useState(false);
  return (
    <>
      <a className="btn ghost" href="/api/docs">
        <Icon name="external" size={14} />
        <span>
          API<span className="wide-only"> reference</span>
        </span>
      </a>
      <Button icon="check" kind="ghost" not={missing} onClick={() => setAsked(true)}>
        Run doctor
      </Button>
      <Button
        icon="copy"
        not={!deployment && "Nothing is known yet."}
        onClick={() =>
          void copyText(JSON.stringify(deployment, null, 2)).then(() => tell({ title: "The diagnosis was copied" }))
        }
      >
        Copy diagnosis
      </Button>
      {asked && <Doctor onClose={() => setAsked(false)} />}
    </>
  );
};

const Health = ({ nodes, shards, takeovers, migrations }: Deployment): ReactNode => (
  <>
    <Processes nodes={nodes} />
    <div className="depcols">
      <Shards shards={shards} nodes={nodes} />
      <Migrations migrations={migrations} />
    </div>
    <Takeovers takeovers={takeovers} />
  </>
);

const StorageAndSettings = ({ storage, settings, nodes }: Deployment): ReactNode => (
  <>
    <StorageFigures database={storage} />
    <DayStorage />
    <div className="depcols even">
      <div className="depstack">
        <JobStorage />
        <Tables storage={storage} />
      </div>
      <Settings settings={settings} processes={nodes.filter(({ up_seconds }) => up_seconds !== null).length} />
    </div>
  </>
);
