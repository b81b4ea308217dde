import { queryOptions, useQuery } from "@tanstack/react-query";
import type { AccessRole } from "../../client";
import { api } from "./client";

/** Who looks at the page. */
export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => api.me(), staleTime: Infinity });

/** From the least to the most; each may do what those before it may. */
const RANK: Readonly<Record<AccessRole, number>> = { viewer: 0, launcher: 1, operator: 2, admin: 3 };

/** Which role is missing for what `needed` is asked for, as a sentence; false: none is, or it is not known who looks. */
export const useMissingRole = (needed: AccessRole): string | false => {
  const { data: me } = useQuery(meQuery);
  return me !== undefined && RANK[me.role] < RANK[needed] && `Needs the role ${needed}; yours is ${me.role}.`;
};
