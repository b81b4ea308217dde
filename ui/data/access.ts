import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { AuditEntry, AuditFilter, Page } from "../../client";
import { api } from "./client";

const PAGE_SIZE = 50;

/** All API keys, newest first, also those that open nothing any more. For admins. */
export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async () => (await api.keys.list()).items,
});

/** Who changed what, newest first, page by page. For admins. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }): Promise<Page<AuditEntry>> =>
      api.audit.list({ ...filter, limit: PAGE_SIZE, ...(pageParam !== undefined && { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
