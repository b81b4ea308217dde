import type { ReactNode } from "react";
import { Link } from "wouter";
import { PageTop } from "../../frame/page-top";
import { Empty } from "../../parts/states";

export default function NotFound(): ReactNode {
  return (
    <>
      <PageTop title="Not found" />
      <div className="page">
        <Empty icon="search" title="There is no such page">
          <code>{location.pathname}</code> leads nowhere;{" "}
          <Link href="/" className="link">
            the overview
          </Link>{" "}
          is a good place to go on.
        </Empty>
      </div>
    </>
  );
}
