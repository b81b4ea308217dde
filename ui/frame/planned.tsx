import type { ReactNode } from "react";
import { PageTop } from "./page-top";
import type { IconName } from "../parts/icon";
import { Empty } from "../parts/states";

interface Props {
  title: string;
  icon: IconName;
  /** In one sentence: what will be there, and what to use today. */
  children: ReactNode;
  /** What to use today. */
  command?: string;
}

/** The place of a feature that does not exist yet. */
export const Planned = ({ title, icon, children, command }: Props): ReactNode => (
  <>
    <PageTop title={title} />
    <div className="page">
      <Empty icon={icon} title={`${title}: not there yet`} command={command}>
        {children}
      </Empty>
    </div>
  </>
);
