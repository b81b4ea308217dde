import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { DqueueError } from "../../../core/errors";

const MOST_TRIES = 10;
const WINDOW_MS = 5 * 60_000;
/** Addresses that are remembered; more of them push the oldest out. */
const MOST_ADDRESSES = 10_000;

/** How many wrong keys an address may still send to one web server, and when it may begin anew. */
export class Tries {
  private readonly wrong = new Map<string, { count: number; until: number }>();

  /** How many are left. */
  left(address: string): number {
    const known = this.wrong.get(address);
    return known && known.until > Date.now() ? Math.max(0, MOST_TRIES - known.count) : MOST_TRIES;
  }

  /** One less. @returns how many are left. */
  miss(address: string): number {
    const known = this.wrong.get(address);
    if (known && known.until > Date.now()) known.count++;
    else {
      this.wrong.delete(address);
      this.wrong.set(address, { count: 1, until: Date.now() + WINDOW_MS });
      if (this.wrong.size > MOST_ADDRESSES) this.wrong.delete(this.wrong.keys().next().value!);
    }
    return this.left(address);
  }

  /** @throws DqueueError TOO_MANY_TRIES where none is left. */
  require(address: string): void {
    if (this.left(address) > 0) return;
    const seconds = Math.max(1, Math.ceil((this.wrong.get(address)!.until - Date.now()) / 1000));
    throw new DqueueError(
      "TOO_MANY_TRIES",
      `${MOST_TRIES} wrong keys came from this address within ${WINDOW_MS / 60_000} minutes: it may try again in ${seconds} s.`,
      { retry_after: seconds },
    );
  }
}

/** Addresses within a network, where proxies are. */
const INNER = new BlockList();
for (const [net, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  // prettier-ignore
  INNER.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  INNER.addSubnet(net, bits, "ipv6");

/**
 * Whose tries are counted together: the address that the request came from or, where that is one within the network, what
 * the proxy there says last of where it came from. Who forges that counts for more than one; nobody is locked out by it.
 */
export const triesAddress = ({ socket, headers }: IncomingMessage): string => {
  const direct = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  const told = String(headers["x-forwarded-for"] ?? "").split(",").at(-1)!.trim(); // prettier-ignore
  const inner = isIP(direct) !== 0 && INNER.check(direct, isIP(direct) === 6 ? "ipv6" : "ipv4");
  return inner && isIP(told) !== 0 ? told : direct;
};
