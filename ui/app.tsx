import { type ComponentType, type ReactNode } from "react";
import { Route, Switch } from "wouter";
import { DataProvider } from "./data/provider";
import { Boundary } from "./frame/boundary";
import { Frame } from "./frame/frame";
import { PageTop } from "./frame/page-top";
import { late } from "./parts/late";
import { SkeletonRows, Soon } from "./parts/states";

type PageModule = { default: ComponentType };

/** Each page is a chunk of its own, loaded when it is first opened. */
const PAGES: readonly (readonly [path: string, load: () => Promise<PageModule>])[] = [
  ["/", () => import("./pages/overview")],
  ["/runs", () => import("./pages/runs")],
  ["/runs/:id", () => import("./pages/run")],
  ["/runs/:id/compare/:other", () => import("./pages/compare")],
  ["/jobs", () => import("./pages/jobs")],
  ["/jobs/:name", () => import("./pages/job")],
  ["/jobs/:name/launch", () => import("./pages/launchpad")],
  ["/sensors", () => import("./pages/sensors")],
  ["/schedules", () => import("./pages/schedules")],
  ["/backfills", () => import("./pages/backfills")],
  ["/queues", () => import("./pages/queues")],
  ["/concurrency", () => import("./pages/concurrency")],
  ["/deployment", () => import("./pages/deployment")],
];

const ROUTES = PAGES.map(([path, load]) => ({ path, Page: late(load) }));
const SignIn = late(() => import("./pages/signin"));
const NotFound = late(() => import("./pages/not-found"));

export const App = (): ReactNode => (
  <Switch>
    <Route path="/signin">
      <SignIn />
    </Route>
    <Route>
      <Inside />
    </Route>
  </Switch>
);

/** What is shown to whoever may come in. */
const Inside = (): ReactNode => (
  <DataProvider>
    <Frame>
      <Boundary>
        <Switch>
          {ROUTES.map(({ path, Page }) => (
            <Route key={path} path={path}>
              <Page coming={<Coming />} />
            </Route>
          ))}
          <Route>
            <NotFound coming={<Coming />} />
          </Route>
        </Switch>
      </Boundary>
    </Frame>
  </DataProvider>
);

const Coming = (): ReactNode => (
  <Soon>
    <PageTop title="dqueue" heading={<span className="sk" style={{ width: 120, height: 16 }} />} />
    <SkeletonRows />
  </Soon>
);
