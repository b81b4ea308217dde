import type { Ended, Running } from "../cli/command";
import { freePort } from "../support/free-port";
import type { Container, Image } from "./image";

/**
 * Containers that share this machine: each is told the command and settings that it would be told in a container, but
 * for the servers' addresses and for ports, of which a container has all for itself.
 */
export class Containers {
  private readonly started: Running[] = [];

  constructor(
    private readonly image: Image,
    private readonly servers: Container["env"],
    private readonly webPort: number,
  ) {}

  /** Where the web server is, for one that is told its name in the network. */
  webUrl(): Container["env"] {
    return { DQUEUE_URL: `http://127.0.0.1:${this.webPort}` };
  }

  start(name: string, container: Container, here: Container["env"] = {}): Running {
    const env = { ...container.env, ...this.servers, PORT: `${this.webPort}`, ...here };
    const running = this.image.start({ ...container, env });
    this.started.push(running);
    void running.ended().then(({ code }) => {
      if (code !== 0) process.stderr.write(`${name} ended with ${code}:\n${running.text()}\n`);
    });
    return running;
  }

  /** Resolves once it has answered its probes, the first of which tells when it is ready, and its image's health check. */
  async startHealthy(name: string, container: Container, probes = ["/health/ready"]): Promise<void> {
    const here = { METRICS_PORT: `${await freePort()}` };
    const running = this.start(name, container, here);
    const answers = async (path: string): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${here.METRICS_PORT}${path}`).catch(() => null))?.ok === true;
    while (!(await answers(probes[0]!))) {
      if (running.child.exitCode !== null) throw new Error(`${name} has ended:\n${running.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const path of probes) if (!(await answers(path))) throw new Error(`${name} does not answer ${path}.`);
    const { code, stderr } = await this.image.healthCheck(here).ended();
    if (code !== 0) throw new Error(`${name} is not healthy: ${stderr}\n${running.text()}`);
  }

  /** Sends SIGTERM to all that still run. */
  async stop(): Promise<Ended[]> {
    const still = this.started.filter(({ child }) => child.exitCode === null);
    for (const { child } of still) child.kill("SIGTERM");
    return Promise.all(still.map((running) => running.ended()));
  }
}
