import { QueryClientProvider } from "@tanstack/react-query";
import type { StreamMessage } from "../../client";
import { type ReactNode, useEffect } from "react";
import { cache, takeNews } from "./cache";
import { live, useTopic } from "./live/live";

/** Lists of what hangs on runs are asked for anew at most this often. */
const GATHER_MS = 1_000;

/** What the server says, kept and kept up to date, for everything inside. */
export const DataProvider = ({ children }: { children: ReactNode }): ReactNode => {
  useTopic("runs", (messages) => {
    takeNews(messages);
    invalidateSoon("counts");
  });
  // By then, what the first page needs has been loaded.
  useTopic("ticks", (messages) => void takeLate(messages));
  useEffect(() => live.onRefresh(() => void cache.invalidateQueries()), []);
  return <QueryClientProvider client={cache}>{children}</QueryClientProvider>;
};

const takeLate = async (messages: StreamMessage[]): Promise<void> => {
  const sensors = await import("./sensors").catch(() => null);
  sensors?.takeTicks(messages);
};

const gathering = new Set<string>();
const invalidateSoon = (key: string): void => {
  if (gathering.has(key)) return;
  gathering.add(key);
  setTimeout(() => {
    gathering.delete(key);
    void cache.invalidateQueries({ queryKey: [key] });
  }, GATHER_MS);
};
