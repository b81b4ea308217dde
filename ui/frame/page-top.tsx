import type { ReactNode } from "react";
import { useMissingRole } from "../data/me";
import { useLink } from "../data/live/live";
import { Button } from "../parts/buttons";
import { Icon } from "../parts/icon";
import type { Status } from "../parts/status";
import { LiveDot } from "./connection";
import { useOpener } from "./opener";
import { useTitle } from "./title";

interface Props {
  /** Names the tab too. */
  title: string;
  /** In place of the title: crumbs. */
  heading?: ReactNode;
  /** Of the run that is shown: the tab's icon takes its colour. */
  status?: Status;
  /** Behind the title. */
  beside?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** Where phones have them: nowhere, since the page offers them elsewhere, or in a row of their own. */
  onPhones?: "elsewhere" | "below";
}

/** The head of each page. */
export const PageTop = ({ title, heading, status, beside, actions, onPhones = "elsewhere" }: Props): ReactNode => {
  useTitle(title, status);
  const open = useOpener();
  const link = useLink();
  return (
    <header className="top">
      {heading ?? <h1>{title}</h1>}
      {beside}
      <span className="grow" />
      <span className={onPhones === "below" ? "topacts" : "wide-only"}>{actions}</span>
      <span className="topbuttons">
        <LiveDot on={link.kind === "live"} />
        <button type="button" aria-label="Search" onClick={open.palette}>
          <Icon name="search" size={18} />
        </button>
        <button type="button" aria-label="Menu" onClick={open.drawer}>
          <Icon name="menu" size={18} />
        </button>
      </span>
    </header>
  );
};

/** The one primary action of most pages. */
export const LaunchButton = (): ReactNode => {
  const open = useOpener();
  return (
    <Button kind="primary" icon="play" keys="L" not={useMissingRole("launcher")} onClick={open.launch}>
      Launch run
    </Button>
  );
};
