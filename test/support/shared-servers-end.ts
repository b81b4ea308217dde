import { SHARED } from "./shared-servers";

/** After the last suite. */
export default async (): Promise<void> => {
  await Promise.all((SHARED.servers ?? []).map((server) => server.stop()));
};
