import { Sequelize, type Options } from "sequelize";
import type { Database, SequelizeTarget } from "./database";

const COMMON: Options = { dialect: "postgres", logging: false, define: { timestamps: false } };

const opened = new WeakMap<Database, Sequelize>();

/**
 * Sequelize for reads beside the pool of a database: one for each, closed with it. It connects at its first query. Only
 * who reads through models loads this file: a daemon or worker starts in half the time without Sequelize.
 */
export const sequelizeOf = (db: Database): Sequelize => {
  let sequelize = opened.get(db);
  if (!sequelize) {
    const own = open(db.sequelizeTarget);
    opened.set(db, (sequelize = own));
    db.onClose(() => own.close());
  }
  return sequelize;
};

const open = (target: SequelizeTarget): Sequelize => {
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
