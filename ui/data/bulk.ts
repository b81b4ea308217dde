import { queryOptions } from "@tanstack/react-query";
import type { BulkOptions } from "../../client";
import { cache } from "./cache";
import { api } from "./client";
import { once } from "./once";
import { shownBulks } from "./shown-bulks";

const LOOK_MS = 1_000;

export const bulkIds = (shown: string): string[] => shown.split(",").filter(Boolean);

/** Looked at while it goes on. */
export const bulkQuery = (id: string) =>
  queryOptions({
    queryKey: ["bulk", id],
    queryFn: () => api.runs.bulk(id),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "RUNNING" ? false : LOOK_MS),
  });

/** Begins it once, however often it is asked for, and shows its card. @throws ApiError where the server refuses it. */
export const startBulk = async (options: BulkOptions): Promise<void> => {
  const action = await once(`bulk ${JSON.stringify(options)}`, (idempotencyKey) =>
    api.runs.startBulk(options, { idempotencyKey }),
  );
  if (action === null) return;
  cache.setQueryData(bulkQuery(action.id).queryKey, action);
  shownBulks.set([...bulkIds(shownBulks.get()), action.id].join(","));
};

export const closeBulk = (id: string): void =>
  shownBulks.set(
    bulkIds(shownBulks.get())
      .filter((one) => one !== id)
      .join(","),
  );
