import { type ComponentType, type ReactNode } from "react";
import { Route, Switch } from "wouter";
import { DataProvider } from "./data/provider";
import { Boundary } from "./frame/boundary";
import { Frame } from "./frame/frame";
import { PageTop } from "./frame/page-top";
import { late } from "./parts/late";
import { SkeletonRows, Soon } from "./parts/states";

interface PageModule {
  default: ComponentType;
  /** Asks ahead for what the page will show. Fulfilled with what it cannot be drawn without; never fails. */
  begin?(path: string): Promise<unknown>;
}

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

/**
 * Loads the page of an address, and what it asks for first, before anything is drawn: not one after the other.
 * @returns once it can be drawn.
 */
export const begin = async (path: string): Promise<void> => {
  const at = PAGES.findIndex(([pattern]) => new RegExp(`^${pattern.replaceAll(/:\w+/g, "[^/]+")}$`).test(path));
  if (at < 0) return;
  await ROUTES[at]!.Page.begin();
  const page = await PAGES[at]![1]().catch(() => null);
  await page?.begin?.(path);
};

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
