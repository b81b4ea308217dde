import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { meQuery, useMissingRole } from "../../../data/me";
import { Empty, Loaded } from "../../../parts/states";
import { AuditLog } from "./audit-log";
import { Keys } from "./keys";
import "./access.css";

/** Who may use this server, and who changed what. */
export default function Access(): ReactNode {
  const query = useQuery(meQuery);
  const missing = useMissingRole("admin");
  return (
    <Loaded query={query} failed="It is not known who you are">
      {(me) =>
        missing === false ? (
          <>
            <Keys me={me} />
            <AuditLog />
          </>
        ) : (
          <Empty icon="lock" title="Keys and the audit log are for admins">
            {missing} Sign in with a key that has it, or ask somebody who has one.
          </Empty>
        )
      }
    </Loaded>
  );
}
