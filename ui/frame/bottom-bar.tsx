import type { ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { Icon } from "../parts/icon";
import { isUnder, NAV } from "./pages";
import { useFailingSensors } from "./sidebar";

const SHOWN = ["Overview", "Runs", "Jobs", "Sensors"];

/** The pages at the thumb, on phones. */
export const BottomBar = ({ openMore }: { openMore(): void }): ReactNode => {
  const [path] = useLocation();
  const search = useSearch();
  const failing = useFailingSensors();
  return (
    <nav className="bottombar" aria-label="Main pages">
      {NAV.flat()
        .filter(({ title }) => SHOWN.includes(title))
        .map((page) => (
          <Link
            key={page.title}
            href={page.href}
            {...(isUnder(page, path, search) && { "aria-current": "page" as const })}
          >
            <Icon name={page.icon} size={20} />
            <span>{page.title}</span>
            {page.title === "Sensors" && failing > 0 && <em aria-label={`${failing} failing`}>{failing}</em>}
          </Link>
        ))}
      <button type="button" onClick={openMore}>
        <Icon name="more" size={20} />
        <span>More</span>
      </button>
    </nav>
  );
};
