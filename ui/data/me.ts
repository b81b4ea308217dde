import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";

/** Who looks at the page. */
export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => api.me(), staleTime: Infinity });
