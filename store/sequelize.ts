import type { Duplex } from "node:stream";
import { Sequelize, type Options } from "sequelize";

type Target = { url: string; statementTimeoutMs: number } | { stream: () => Duplex };

const COMMON: Options = { dialect: "postgres", logging: false, define: { timestamps: false } };

/** Sequelize for reads beside the pool of `database.ts`; it connects at its first query. */
export const openSequelize = (target: Target): Sequelize => {
  if ("url" in target) {
    return new Sequelize(target.url, {
      ...COMMON,
      pool: { max: 5, acquire: 10_000 },
      dialectOptions: {
        application_name: "dqueue",
        statement_timeout: target.statementTimeoutMs,
        idle_in_transaction_session_timeout: 2_000,
        keepAlive: true,
      },
    });
  }
  return new Sequelize("postgres", "postgres", "none", {
    ...COMMON,
    host: "embedded",
    pool: { max: 1, idle: 60_000, acquire: 30_000 },
    dialectOptions: { ssl: false, stream: target.stream },
  });
};
