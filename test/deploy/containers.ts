import { freePort } from "../support/free-port";
import type { Ended, Running } from "../cli/command";
import type { Container, Image } from "./image";

interface Started {
  running: Running;
  /** What differs from what it would be told in a container of its own. */
  env: Container["env"];
}

/**
 * Containers that share this machine: each is told the command and settings that it would be told in a container, but
 * for the servers' addresses and for ports, of which a container has all for itself.
 */
export class Containers {
  private readonly started = new Map<string, Started>();

  constructor(
    private readonly image: Image,
    private readonly servers: Container["env"],
    private readonly webPort: number,
  ) {}

  start(name: string, container: Container, env: Container["env"] = {}): Running {
    const own = { PORT: `${this.webPort}`, ...env };
    const running = this.image.start({ ...container, env: { ...container.env, ...this.servers, ...own } });
    this.started.set(`${name} ${this.started.size}`, { running, env: own });
    return running;
  }

  /** Resolves once it has started and what the image calls its health check has succeeded. */
  async startHealthy(name: string, container: Container): Promise<Running> {
    const env = { METRICS_PORT: `${await freePort()}` };
    const running = this.start(name, container, env);
    await this.ready(name, running, `http://127.0.0.1:${env.METRICS_PORT}/health/ready`);
    const { code, stderr } = await this.image.healthCheck(env).ended();
    if (code !== 0) throw new Error(`${name} is not healthy: ${stderr}\n${running.text()}`);
    return running;
  }

  /** Asks as a readiness probe does, until it is told so. */
  private async ready(name: string, running: Running, url: string): Promise<void> {
    while (running.child.exitCode === null) {
      const answer = await fetch(url).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name} has ended:\n${running.text()}`);
  }

  /** One more command in a container of this kind. */
  exec(name: string, container: Container): Running {
    return this.start(`exec in ${name}`, container);
  }

  /** Sends SIGTERM to all that still run. */
  async stop(): Promise<Ended[]> {
    const still = [...this.started.values()].filter(({ running }) => running.child.exitCode === null);
    for (const { running } of still) running.child.kill("SIGTERM");
    return Promise.all(still.map(({ running }) => running.ended()));
  }
}
