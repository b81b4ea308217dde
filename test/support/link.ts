import { connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "./eventually";

/** A way to a local port that can be cut and mended, or hold back streams as some proxies do. */
export class Link {
  private readonly sockets = new Set<Socket>();
  private readonly held = new Set<Socket>();
  private holding = false;
  private server: Server | null = null;
  private ownPort = 0;

  constructor(private readonly to: number) {}

  get port(): number {
    return this.ownPort;
  }

  /** Opens it, at first and after a cut, at the same port. */
  async open(): Promise<void> {
    if (this.server) return;
    const server = (this.server = createServer((from) => this.join(from)));
    await new Promise<void>((resolve) => server.listen(this.ownPort, "127.0.0.1", resolve));
    this.ownPort = (server.address() as { port: number }).port;
  }

  /** Everything that goes over it breaks off; nobody gets through any more. */
  async cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.server = null;
  }

  /** Resolves once somebody has come by it. */
  taken(): Promise<unknown> {
    return eventually(() => this.sockets.size > 0);
  }

  /** Streams that are asked for from now on get no answer; those that go on break off. */
  holdStreams(): void {
    this.holding = true;
    for (const socket of this.sockets) socket.destroy();
  }

  letStreams(): void {
    this.holding = false;
    for (const socket of this.held) socket.destroy();
    this.held.clear();
  }

  private join(from: Socket): void {
    const to = connect(this.to, "127.0.0.1");
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    to.pipe(from);
    from.on("data", (chunk) => {
      if (this.holding && chunk.toString("latin1").startsWith("GET /api/stream")) this.held.add(from);
      else if (!this.held.has(from)) to.write(chunk);
    });
    from.on("end", () => to.end());
  }
}
