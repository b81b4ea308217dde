import { useQuery } from "@tanstack/react-query";
import { type ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { countsQuery, healthQuery, sensorsQuery } from "../data/queries";
import { useStored } from "../data/stored";
import { Key } from "../parts/buttons";
import { count } from "../parts/format";
import { Icon } from "../parts/icon";
import { late } from "../parts/late";
import { StatusIcon } from "../parts/status";
import { useZone, zone } from "../parts/time";
import { Connection } from "./connection";
import { shownKeys } from "./keys";
import { Logo } from "./logo";
import { isUnder, NAV, type NavPage } from "./pages";
import { theme } from "./theme";

const Who = late(() => import("./who"));

interface Props {
  openPalette(): void;
  openHelp(): void;
  /** It lies over the page. */
  drawer?: boolean;
}

export const Sidebar = ({ openPalette, openHelp, drawer }: Props): ReactNode => (
  <aside className={`side ${drawer ? "drawer" : ""}`} aria-label="Main">
    <div className="brand">
      <Logo />
      <b>dqueue</b>
    </div>
    <button type="button" className="find" onClick={openPalette}>
      <Icon name="search" size={14} />
      <span>Search or run…</span>
      <Key>{shownKeys("mod+k")}</Key>
    </button>
    <Nav />
    <footer className="sidefoot">
      <Who />
      <Connection />
      <Foot openHelp={openHelp} />
    </footer>
  </aside>
);

const Nav = (): ReactNode => {
  const [path] = useLocation();
  const search = useSearch();
  return (
    <nav aria-label="Pages">
      {NAV.map((group, i) => (
        <div key={group[0]!.title} className="col" style={{ gap: 1 }}>
          {i > 0 && <hr />}
          {group.map((page) => (
            <Link
              key={page.title}
              href={page.href}
              title={page.title}
              {...(isUnder(page, path, search) && { "aria-current": "page" as const })}
            >
              <Icon name={page.icon} />
              <span>{page.title}</span>
              <Figure page={page} />
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
};

const Figure = ({ page: { title } }: { page: NavPage }): ReactNode => {
  if (title === "Runs") return <GoingRuns />;
  return title === "Sensors" ? <FailingSensors /> : null;
};

const GoingRuns = (): ReactNode => {
  const { data } = useQuery(countsQuery({}));
  const going = data ? data.counts.STARTING + data.counts.STARTED + data.counts.CANCELING : 0;
  if (going === 0) return null;
  return (
    <em title={`${count(going)} go on`}>
      {count(going)}
      <span className="sr"> go on</span>
    </em>
  );
};

const FailingSensors = (): ReactNode => {
  const failing = useFailingSensors();
  if (failing === 0) return null;
  return (
    <em className="t-failure" title={`${count(failing)} failing`}>
      <StatusIcon status="FAILURE" size={12} />
      {count(failing)}
      <span className="sr"> failing</span>
    </em>
  );
};

/** How many sensors are on and failed at their last tick. */
export const useFailingSensors = (): number => {
  const { data = [] } = useQuery(sensorsQuery);
  return data.filter(({ status, last_tick }) => status === "RUNNING" && last_tick?.status === "FAILURE").length;
};

const Foot = ({ openHelp }: { openHelp(): void }): ReactNode => {
  const shown = useZone();
  const chosen = useStored(theme);
  const { data } = useQuery(healthQuery);
  const utc = shown === "utc";
  return (
    <div className="foot2">
      <button
        type="button"
        className="tz"
        title={`Times are shown in ${utc ? "UTC" : "local time"} (t)`}
        aria-label={`Times are in ${utc ? "UTC; show local time" : "local time; show UTC"}`}
        onClick={() => zone.next()}
      >
        {utc ? "UTC" : "Local"}
      </button>
      <button
        type="button"
        className="tz"
        title={`Theme: ${chosen}`}
        aria-label={`Theme: ${chosen}; change it`}
        onClick={() => theme.next()}
      >
        <Icon name={chosen === "system" ? "contrast" : chosen === "light" ? "sun" : "moon"} size={14} />
      </button>
      <button type="button" className="tz" title="Keys (?)" aria-label="Keyboard help" onClick={openHelp}>
        ?
      </button>
      {data && <span className="ver num">v{data.version}</span>}
    </div>
  );
};
