import { type Cluster, type ClusterOptions, distributed, embedded } from "./cluster";
import { describeOnPostgres } from "./postgres";
import { describeRabbit } from "./rabbitmq";

export type Mode = "embedded" | "distributed";
type Open = (options: ClusterOptions) => Promise<Cluster>;

/** Tests that must hold alike with Node alone and as processes on RabbitMQ and PostgreSQL, where these are there. */
export const describeBothModes = (name: string, tests: (open: Open, mode: Mode) => void): void => {
  describe(`${name}, embedded`, () => tests(embedded, "embedded"));
  describeOnPostgres(`${name}, on PostgreSQL`, () =>
    describeRabbit("and RabbitMQ", () => tests(distributed, "distributed"), { ownBroker: false }),
  );
};

/** For `beforeAll`/`afterAll` of such a suite: the cluster once it has started. */
export const sharedCluster = (open: Open, options: ClusterOptions): (() => Cluster) => {
  let cluster: Cluster | undefined;
  beforeAll(async () => void (cluster = await open(options)));
  afterAll(() => cluster?.stop());
  return () => cluster!;
};
