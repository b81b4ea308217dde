import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** True of an address, in a URL's brackets or without, that this machine alone can reach. Of names: of localhost alone. */
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const kind = isIP(bare);
  return kind === 0 ? bare.toLowerCase() === "localhost" : loopback.check(bare, kind === 6 ? "ipv6" : "ipv4");
};
