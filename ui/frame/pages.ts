import type { IconName } from "../parts/icon";

export interface NavPage {
  title: string;
  href: string;
  icon: IconName;
  /** Behind `g`. */
  key: string;
}

/** The pages of the sidebar, in its groups. */
export const NAV: readonly (readonly NavPage[])[] = [
  [
    { title: "Overview", href: "/", icon: "overview", key: "o" },
    { title: "Runs", href: "/runs", icon: "runs", key: "r" },
    { title: "Jobs", href: "/jobs", icon: "jobs", key: "j" },
  ],
  [
    { title: "Sensors", href: "/sensors", icon: "sensors", key: "s" },
    { title: "Schedules", href: "/schedules", icon: "schedules", key: "h" },
    { title: "Backfills", href: "/backfills", icon: "backfills", key: "b" },
  ],
  [
    { title: "Queues", href: "/queues", icon: "queues", key: "q" },
    { title: "Workers", href: "/queues?view=host", icon: "workers", key: "w" },
    { title: "Concurrency", href: "/concurrency", icon: "concurrency", key: "c" },
  ],
  [{ title: "Deployment", href: "/deployment", icon: "deployment", key: "d" }],
];

/** The page under which an address lies. */
export const isUnder = ({ href }: NavPage, path: string, search: string): boolean => {
  const [own, query] = href.split("?");
  const here = own === "/" ? path === "/" : path === own || path.startsWith(`${own}/`);
  if (own !== "/queues") return here;
  return here && (new URLSearchParams(search).get("view") === "host") === (query !== undefined);
};
